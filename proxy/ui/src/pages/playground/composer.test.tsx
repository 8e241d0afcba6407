import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Composer } from './composer';

afterEach(cleanup);

function show(more: Partial<Parameters<typeof Composer>[0]> = {}) {
  const acts = { onText: vi.fn(), onSend: vi.fn(), onStop: vi.fn(), onCancelEdit: vi.fn() };
  render(<Composer box={{ current: null }} editing={false} first="" busy={false} ready {...acts} {...more} />);
  return { ...acts, field: screen.getByRole('textbox'), button: () => screen.getByRole('button', { name: /Send|Stop all/ }) };
}

const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
/** true: the browser may do with it what it does */
const press = (field: HTMLElement, key: string, how = {}) => fireEvent.keyDown(field, { key, ...how });

describe('Composer', () => {
  it('sends by Enter, begins a line by Shift and Enter, and is empty then', () => {
    const { field, onSend } = show();
    type(field, 'one\ntwo');
    expect(press(field, 'Enter', { shiftKey: true })).toBe(true);
    expect(onSend).not.toHaveBeenCalled();
    expect(press(field, 'Enter')).toBe(false);
    expect(onSend).toHaveBeenCalledExactlyOnceWith('one\ntwo');
    expect(field).toHaveProperty('value', '');
  });

  it.each([{ isComposing: true }, { keyCode: 229 }])('leaves Enter to the composition: %j', (how) => {
    const { field, onSend } = show();
    type(field, '안녕');
    press(field, 'Enter', how);
    expect(onSend).not.toHaveBeenCalled();
    press(field, 'Enter');
    expect(onSend).toHaveBeenCalledExactlyOnceWith('안녕');
  });

  it('sends nothing that is blank, and nothing while it must not', () => {
    const { field, onSend, button } = show({ ready: false });
    type(field, 'x');
    press(field, 'Enter');
    expect(onSend).not.toHaveBeenCalled();
    expect(button()).toHaveProperty('disabled', true);
    cleanup();
    const blank = show();
    type(blank.field, '  ');
    press(blank.field, 'Enter');
    expect(blank.onSend).not.toHaveBeenCalled();
  });

  it('stops while answers come, and keeps what is typed', () => {
    const { field, onSend, onStop, button } = show({ busy: true });
    type(field, 'next');
    press(field, 'Enter');
    expect(onSend).not.toHaveBeenCalled();
    expect(field).toHaveProperty('value', 'next');
    fireEvent.click(button());
    expect(onStop).toHaveBeenCalledOnce();
  });

  it('gives up an edit by Escape', () => {
    const { field, onCancelEdit } = show({ editing: true, first: 'old' });
    expect(field).toHaveProperty('value', 'old');
    press(field, 'Escape');
    expect(onCancelEdit).toHaveBeenCalledOnce();
  });
});
