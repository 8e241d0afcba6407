import type { KeyboardEvent } from 'react';

/** Tab goes on from the button, as if what is open stood there. In place of Ariakit's focus guards: a screen reader would stop
 *  at these, and find nothing. */
export function leaveByTab(event: KeyboardEvent, button: HTMLElement | null, close: () => void): void {
  if (event.key !== 'Tab') return;
  button?.focus();
  if (event.shiftKey) event.preventDefault();
  close();
}
