import { expect, test } from 'vitest';
import { csvColumns } from './csv-columns.ts';

test('a table comes by columns, with NaN where a field is empty', () => {
  const table = csvColumns('frame,bytes,key\n0,100,true\n1,,false\n');
  expect(table.rows).toBe(2);
  expect([...table.numbers('frame')]).toEqual([0, 1]);
  expect([...table.numbers('bytes')]).toEqual([100, NaN]);
  expect([...table.numbers('key')]).toEqual([1, 0]);
  expect(table.numbers('quantizer')).toHaveLength(0);
});

test('a quoted text keeps its commas, quotes and line ends', () => {
  const table = csvColumns('time_us,source,text\n5,operator,"a, ""b""\nc"\n6,,"!x"\n');
  expect(table.texts('text')).toEqual(['a, "b"\nc', '!x']);
  expect(table.texts('source')).toEqual(['operator', '']);
});

test('nothing is no rows', () => {
  expect(csvColumns('').rows).toBe(0);
  expect(csvColumns('a,b\n').rows).toBe(0);
});
