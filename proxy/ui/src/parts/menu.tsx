import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import * as Ariakit from '@ariakit/react';
import { leaveByTab } from './leave_by_tab';

interface MenuProps {
  label: string; // for screen readers
  button: ReactNode;
  className?: string;
  children: ReactNode; // MenuItem …
}

/** What has the focus when the menu opens: by keys one of its items. */
type Begin = 'first' | 'last' | 'container';
const beginsOf: Record<string, Begin> = { ArrowDown: 'first', ArrowUp: 'last' };

/** Closed, it is a plain button: lists have many of these. */
export function Menu({ label, button, className = 'button quiet', children }: MenuProps) {
  const anchor = useRef<HTMLButtonElement>(null);
  const id = useId();
  const [opened, setOpened] = useState<{ begin: Begin } | null>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const begin = beginsOf[event.key];
    if (!begin) return;
    event.preventDefault();
    setOpened({ begin });
  };
  return (
    <>
      <button
        ref={anchor}
        id={id}
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={opened !== null}
        aria-controls={opened ? `${id}-menu` : undefined}
        onKeyDown={onKeyDown}
        onClick={(event) => setOpened(opened ? null : { begin: event.detail === 0 ? 'first' : 'container' })}
      >
        {button}
      </button>
      {opened && (
        <Opened id={`${id}-menu`} anchor={anchor.current} begin={opened} onClose={() => setOpened(null)}>
          {children}
        </Opened>
      )}
    </>
  );
}

interface OpenedProps {
  id: string;
  anchor: HTMLElement | null;
  begin: { begin: Begin }; // another one each time it is asked for
  onClose: () => void;
  children: ReactNode;
}

function Opened({ id, anchor, begin, onClose, children }: OpenedProps) {
  const store = Ariakit.useMenuStore({
    open: true,
    placement: 'bottom-end',
    setOpen: (open) => {
      if (!open) onClose();
    },
  });
  useLayoutEffect(() => {
    store.setAnchorElement(anchor);
    store.setDisclosureElement(anchor);
    store.setInitialFocus(begin.begin);
    store.setAutoFocusOnShow(true);
  }, [store, anchor, begin]);
  return (
    <Ariakit.Menu
      store={store}
      id={id}
      className="menu"
      gutter={4}
      portal
      preserveTabOrder={false}
      finalFocus={anchor}
      onKeyDown={(event) => leaveByTab(event, anchor, onClose)}
    >
      {children}
    </Ariakit.Menu>
  );
}

interface ItemProps {
  onClick: () => void;
  danger?: boolean;
  disabled?: boolean;
  children: ReactNode;
}

export function MenuItem({ onClick, danger, disabled, children }: ItemProps) {
  return (
    <Ariakit.MenuItem
      className={`menu-item ${danger ? 'danger' : ''}`}
      // First the menu gives the focus back to its button: a dialog that opens returns it there.
      onClick={() => setTimeout(onClick)}
      disabled={disabled ?? false}
    >
      {children}
    </Ariakit.MenuItem>
  );
}

export const MenuLine = () => <Ariakit.MenuSeparator className="menu-line" />;
