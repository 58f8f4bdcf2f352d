export { createSampleMaker, type Reading } from "./sample-maker.ts";
export { createSampler, type Sampler } from "./sampler.ts";
