import { registerEnumType } from 'type-graphql';

export enum ChangeKind {
  CREATED = 'created',
  UPDATED = 'updated',
  REMOVED = 'removed',
}

registerEnumType(ChangeKind, {
  name: 'ChangeKind',
  description: 'What happened to something that is watched.',
  valuesConfig: {
    CREATED: { description: 'It is new.' },
    UPDATED: { description: 'It changed, or may have: after a lost connection everything is said to have changed.' },
    REMOVED: { description: 'It is gone.' },
  },
});
