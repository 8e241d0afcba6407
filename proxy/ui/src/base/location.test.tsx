import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { Router, useLocation, useSearch } from 'wouter';
import { navigate, useShownPath, useShownSearch } from './location';
import { useAsked, useUnsaved } from './unsaved';

let asked: ReturnType<typeof useAsked>;

function Page({ typed }: { typed: boolean }) {
  useUnsaved(typed);
  asked = useAsked();
  const [path] = useLocation();
  return <p>{path + '?' + useSearch()}</p>;
}

const show = (typed: boolean) => (
  <Router hook={useShownPath} searchHook={useShownSearch}>
    <Page typed={typed} />
  </Router>
);
const shown = () => screen.getByRole('paragraph').textContent;
const go = (to: string, replace = false) => act(() => navigate(to, { replace }));
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
