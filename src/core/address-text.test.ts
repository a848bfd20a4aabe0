import { expect, test } from 'vitest';
import { addressText } from './address-text.ts';

test('an address of IPv6 stands in brackets, where its port could not be told from it', () => {
  expect(addressText({ host: '::1', port: 5930 })).toBe('[::1]:5930');
  expect(addressText({ host: '127.0.0.1', port: 5930 })).toBe('127.0.0.1:5930');
  expect(addressText({ host: 'desk.example', port: 1 })).toBe('desk.example:1');
});
