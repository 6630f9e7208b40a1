/** Called between the steps of what is carried out again after a restart. Tests end the program there. */
export type Checkpoint = (step: string) => void | Promise<void>;
