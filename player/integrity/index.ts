export { createHasher, type Hasher, type Subtle } from "./digest.ts";
