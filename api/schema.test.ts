import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { createSchema } from './schema.ts';

describe('the schema', () => {
  it('describes every type, field, argument and enum value for strangers', async () => {
    const schema = await createSchema();
    const undescribed: string[] = [];
    const check = (name: string, { description }: { description?: string | null }) => {
      if (!description?.trim()) undescribed.push(name);
    };
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__')) continue;
      check(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
      if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field);
      }
      if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          check(`${type.name}.${field.name}`, field);
          for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name})`, argument);
        }
      }
    }
    expect(undescribed).toEqual([]);
  });

  it('keeps the four types of the design and the subscriptions over them', async () => {
    const schema = await createSchema();
    for (const name of ['ChatSession', 'Message', 'Project', 'PullRequest', 'Branch', 'Run', 'Viewer']) {
      expect(schema.getType(name)).toBeDefined();
    }
    expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}).sort()).toEqual([
      'branchStatusChanged',
      'chatSessionChanged',
      'chatSessionEvents',
      'projectChanged',
      'setupLogAppended',
    ]);
  });
});
