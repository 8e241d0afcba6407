import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { Router, useLocation, useSearch } from 'wouter';
import { navigate, useShownPath, useShownSearch } from './location';
import { isUnsaved, useAsked, useUnsaved } from './unsaved';

let asked: ReturnType<typeof useAsked>;

function Page({ typed, inPage = false }: { typed: boolean; inPage?: boolean }) {
  useUnsaved(typed, { inPage });
  asked = useAsked();
  const [path] = useLocation();
  return <p>{path + '?' + useSearch()}</p>;
}

const show = (typed: boolean, inPage = false) => (
  <Router hook={useShownPath} searchHook={useShownSearch}>
    <Page {...{ typed, inPage }} />
  </Router>
);
const shown = () => screen.getByRole('paragraph').textContent;
const go = (to: string, replace = false) => act(() => navigate(to, { replace }));
const settled = () => act(() => new Promise((done) => setTimeout(done, 100)));
/** The browser's own step; the page hears of it later. */
const step = (by: number) =>
  act(
    () =>
      new Promise<void>((done) => {
        addEventListener('popstate', () => setTimeout(done, 20), { once: true });
        history.go(by);
      }),
  );

beforeEach(() => {
  render(show(false));
  go('/list');
  go('/form?from=a');
  cleanup();
});
afterEach(cleanup);

describe('a page on which nothing is lost', () => {
  it('is left at once, by links and by the browser', async () => {
    render(show(false));
    expect(shown()).toBe('/form?from=a');
    await step(-1);
    expect(shown()).toBe('/list?');
    await step(1);
    expect(shown()).toBe('/form?from=a');
    go('/tokens');
    expect(shown()).toBe('/tokens?');
    expect(asked.asked).toBe(false);
  });
});

describe('a page with something typed', () => {
  it('stays when the browser goes back, until the user says so', async () => {
    render(show(true));
    await step(-1);
    expect([shown(), asked.asked]).toEqual(['/form?from=a', true]);
    await waitFor(() => expect(location.pathname).toBe('/form'));
    act(() => asked.stay());
    expect([shown(), asked.asked]).toEqual(['/form?from=a', false]);

    await step(-1);
    await waitFor(() => expect(location.pathname).toBe('/form'));
    act(() => asked.leave());
    await waitFor(() => expect(shown()).toBe('/list?'));
    expect(location.pathname).toBe('/list');
  });

  it('stays when the browser goes forward', async () => {
    render(show(false));
    await step(-1);
    cleanup();
    render(show(true));
    await step(1);
    expect([shown(), asked.asked]).toEqual(['/list?', true]);
    await waitFor(() => expect(location.pathname).toBe('/list'));
    act(() => asked.leave());
    await waitFor(() => expect(shown()).toBe('/form?from=a'));
  });

  it('asks before a link, not before what it keeps of itself in its address', () => {
    render(show(true));
    go('/form?from=b', true);
    expect([shown(), asked.asked]).toEqual(['/form?from=b', false]);
    go('/form?from=c');
    expect([shown(), asked.asked]).toEqual(['/form?from=c', false]);
    go('/tokens');
    expect([shown(), asked.asked]).toEqual(['/form?from=c', true]);
    act(() => asked.leave());
    expect([shown(), asked.asked]).toEqual(['/tokens?', false]);
  });

  it('is not asked about a step within a page where it stays', async () => {
    render(show(true, true));
    go('/form?from=b');
    await step(-1);
    expect([shown(), asked.asked]).toEqual(['/form?from=a', false]);
    await step(1);
    expect([shown(), asked.asked]).toEqual(['/form?from=b', false]);
    await step(-2);
    expect([shown(), asked.asked]).toEqual(['/form?from=b', true]);
    await settled();
    act(() => asked.stay());
    cleanup();
    render(show(true)); // what would not stay
    await step(-1);
    expect([shown(), asked.asked]).toEqual(['/form?from=b', true]);
    await settled();
    act(() => asked.leave());
    await waitFor(() => expect(shown()).toBe('/form?from=a'));
    expect(isUnsaved()).toBe(true); // this page is still there
  });

  it.each([
    ['back twice', [-1, -1], '/list?'],
    ['back and forward', [-1, 1], '/list?'],
    ['forward and back', [1, -1], '/tokens?'],
  ])('keeps the first question of quick steps: %s', async (_, steps, left) => {
    render(show(false));
    go('/tokens');
    await step(-1);
    cleanup();
    render(show(true));
    for (const by of steps) {
      history.go(by); // none of them waits for the one before
      await new Promise((done) => setTimeout(done, 0));
    }
    await settled();
    expect([shown(), asked.asked]).toEqual(['/form?from=a', true]);
    expect(location.pathname + location.search).toBe('/form?from=a');
    act(() => asked.leave());
    await waitFor(() => expect(shown()).toBe(left));
    await settled();
    expect(location.pathname).toBe(left.slice(0, -1));
  });

  it('keeps the window open', () => {
    const close = () => window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
    const { rerender } = render(show(true));
    expect(close()).toBe(false);
    rerender(show(false));
    expect(close()).toBe(true);
  });

  it('goes to a part of itself', async () => {
    render(show(true));
    location.hash = '#content';
    await act(() => new Promise((done) => setTimeout(done, 50)));
    expect([shown(), asked.asked]).toEqual(['/form?from=a', false]);
    await step(-1);
    expect([shown(), asked.asked]).toEqual(['/form?from=a', false]);
  });
});
