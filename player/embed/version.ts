/** The player's version, as in package.json; told to the tracker for its reports. */
export const VERSION = "0.1.0";
