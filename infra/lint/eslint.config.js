import tseslint from "typescript-eslint";

const root = new URL("../..", import.meta.url).pathname;

/** The few rules that need types; everything else is biome's. */
export default tseslint.config(
  { ignores: ["**/dist/**", "**/node_modules/**", "**/*.js", "**/*.cjs", "**/*.mjs", "**/*.d.ts"] },
  {
    basePath: root,
    files: ["**/*.ts"],
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true, tsconfigRootDir: root } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    basePath: root,
    files: ["tracker/swarm/**/*.ts", "player/engine/**/*.ts", "player/protocol/**/*.ts", "worker/reports/**/*.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        ...["performance", "crypto", "setTimeout", "setInterval", "queueMicrotask", "fetch", "console"],
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "A pure room is told the time." },
        { object: "Math", property: "random", message: "A pure room is given its randomness." },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "A pure room is told the time." },
      ],
    },
  },
);
