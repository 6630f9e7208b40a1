/** Lies in the .git of a spare and says what it is; whoever gets the spare never sees it. */
export const SPARE_FILE = 'kosuke-spare';

/** Another number when spares that an older version made are not what this one would make. */
export const SPARE_FORMAT = 1;
