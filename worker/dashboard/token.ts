import { find, findAs, setText } from "./dom.ts";

const KEY = "shoal-report-token";

/** What the reader entered; gone with the tab. */
export const authorization = (): Record<string, string> => {
  const token = sessionStorage.getItem(KEY);
  return token === null ? {} : { authorization: `Bearer ${token}` };
};

/**
 * The form that asks for a token; `onToken` is called when one was entered. Returns what shows it with the server's words, and
 * with null takes it away.
 */
export const createTokenForm = (onToken: () => void): ((message: string | null) => void) => {
  const form = findAs("locked", HTMLFormElement);
  const input = findAs("token", HTMLInputElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, input.value.trim());
    onToken();
  });
  return (message) => {
    const appears = form.hidden && message !== null;
    form.hidden = message === null;
    if (message !== null) setText(find("locked-text"), message);
    if (appears) input.focus();
    else if (message === null) input.value = "";
  };
};
