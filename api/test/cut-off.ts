import type { Checkpoint } from '../runner/checkpoint.ts';
import type { TestApp } from './testkit.ts';

/** Ends the program at a step of what survives being cut off, as if it had been killed there. */
export class CutOff {
  private step: string | null = null;
  private isFault = false;
  private reached: (fail: () => void) => void = () => {};

  readonly checkpoint: Checkpoint = (step) => {
    if (step !== this.step) return;
    this.step = null;
    if (this.isFault) throw new Error(`A fault at ${step}.`);
    return new Promise<void>((_, reject) => this.reached(() => reject(new Error(`Cut off at ${step}.`))));
  };

  /** What is done next fails at this step, while the program goes on. */
  faultAt(step: string): void {
    this.step = step;
    this.isFault = true;
  }

  /** Does something, ends the program when it comes to this step, and starts it again. */
  async at(step: string, app: TestApp, act: () => Promise<unknown>): Promise<TestApp> {
    this.step = step;
    this.isFault = false;
    const reached = new Promise<() => void>((resolve) => {
      this.reached = resolve;
    });
    // Whoever asked gets no answer, as from a server that is killed.
    act().catch(() => undefined);
    const fail = await reached;
    const restarted = app.restart();
    // The program is told to end first; what is cut off then does nothing more, not even put things right.
    await new Promise((resolve) => setImmediate(resolve));
    fail();
    return restarted;
  }
}
