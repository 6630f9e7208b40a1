import { jest } from '@jest/globals';

// A guard against what never ends. How long something may take on a busy machine is no business of a test.
jest.setTimeout(90_000);
