import { Field, InterfaceType, ObjectType } from 'type-graphql';

@InterfaceType({ description: 'Something the person who asked can put right. Nothing was changed.' })
export abstract class UserError {
  @Field(() => String, { description: 'Which error it is, for programs: upper case, stays the same.' })
  readonly code: string;

  @Field(() => String, { description: 'What is wrong and what to do about it, for people.' })
  readonly message: string;

  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

@ObjectType({ implements: UserError, description: 'One of the given values cannot be used.' })
export class InvalidInput extends UserError {
  @Field(() => String, { description: 'Which value: the name of the argument or input field.' })
  readonly field: string;

  constructor(field: string, message: string) {
    super('INVALID_INPUT', message);
    this.field = field;
  }
}

@ObjectType({ implements: UserError, description: 'There is no such thing, or it belongs to somebody else.' })
export class NotFound extends UserError {
  constructor(message: string) {
    super('NOT_FOUND', message);
  }
}

@ObjectType({ implements: UserError, description: 'It cannot be done as things stand now; the code says why.' })
export class Conflict extends UserError {}

@ObjectType({
  implements: UserError,
  description: 'A project cannot be made from this path or URL; the code says why.',
})
export class SourceRefused extends UserError {}
