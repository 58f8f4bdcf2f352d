/** The same callback, but what it throws goes to `onFault` instead of into the caller, which cannot do anything about it. */
export function guarded<Args extends readonly unknown[]>(
  onFault: (error: unknown) => void,
  callback: (...args: Args) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      callback(...args);
    } catch (error) {
      onFault(error);
    }
  };
}
