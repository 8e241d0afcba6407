// refusals.json has bodies, what the gateway says of them, and the place in the form. tests/ui/test_form.py sends the same
// bodies to the real gateway, so that these sentences are those that it says.
import { describe, expect, it } from 'vitest';
import type { Json } from './draft';
import { schemas } from './example_schemas';
import { fromRequest } from './from_request';
import { placeError } from './place_error';
import refusals from './refusals.json';

const cases = refusals as { message: string; path: string; body: Json }[];

describe('a refusal of the create call', () => {
  it.each(cases)('$message', ({ message, path, body }) => {
    expect(placeError(message, { draft: fromRequest(body, schemas), schemas, part: 'create' })).toBe(path);
  });
  it.each([
    ["An endpoint with the name 'refused' exists already.", 'name'],
    ['You may not create serving endpoints.', ''],
    ["'", ''],
    ["'a]b[c.' is odd", ''],
  ])('%s', (message, path) => {
    expect(placeError(message, { draft: fromRequest(cases[1]!.body, schemas), schemas, part: 'create' })).toBe(path);
  });
});

describe('a refusal of the calls that change an endpoint', () => {
  const of = (message: string) => cases.find((each) => each.message === message)!;
  const draftOf = (message: string) => fromRequest(of(message).body, schemas);
  it('finds what PUT config calls without "config."', () => {
    for (const { message, path, body } of cases.filter((each) => /'config\.\w+(\.|\[)/.test(each.message))) {
      const said = message.replace(/'config\./g, "'");
      expect(placeError(said, { draft: fromRequest(body, schemas), schemas, part: 'config' })).toBe(path);
    }
  });
  it('finds what PUT ai-gateway calls without "ai_gateway."', () => {
    for (const { message, path, body } of cases.filter((each) => each.message.startsWith("'ai_gateway."))) {
      const said = message.replace("'ai_gateway.", "'");
      expect(placeError(said, { draft: fromRequest(body, schemas), schemas, part: 'ai_gateway' })).toBe(path);
    }
  });
  it('finds the tag of a PATCH, which sends only some', () => {
    const draft = draftOf("'tags[1].key' must not be empty.");
    const sent = { draft, schemas, part: 'tags' as const, addedTags: [''] };
    expect(placeError("'add_tags[0].key' must not be empty.", sent)).toBe('tags[1].key');
    expect(placeError("'add_tags[0]' is too long.", sent)).toBe('tags');
  });
  it('has no place for a conflict', () => {
    const draft = draftOf("'tags[1].key' must not be empty.");
    const said = "A config update of the endpoint 'x' is in progress: wait for it, or cancel it.";
    expect(placeError(said, { draft, schemas, part: 'config' })).toBe('');
  });
});
