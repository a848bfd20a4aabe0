import { expect, test } from 'vitest';
import { UserError } from './user-error.ts';

test('an error says where, what and what to do', () => {
  const error = new UserError({
    what: 'there is no preset "medum"',
    where: 'bench.yaml:7:20',
    todo: 'did you mean medium?',
  });
  expect(error.message).toBe('bench.yaml:7:20: there is no preset "medum"\n  did you mean medium?');
});

test('several problems are told together', () => {
  expect(new UserError([{ what: 'one' }, { what: 'two' }]).message).toBe('one\ntwo');
});
