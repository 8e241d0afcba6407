import type { ReactNode } from 'react';
import * as Ariakit from '@ariakit/react';

interface MenuProps {
  label: string; // for screen readers
  button: ReactNode;
  className?: string;
  children: ReactNode; // MenuItem …
}

export function Menu({ label, button, className = 'button quiet', children }: MenuProps) {
  return (
    <Ariakit.MenuProvider placement="bottom-end">
      <Ariakit.MenuButton className={className} aria-label={label}>
        {button}
      </Ariakit.MenuButton>
      <Ariakit.Menu className="menu" gutter={4} portal unmountOnHide>
        {children}
      </Ariakit.Menu>
    </Ariakit.MenuProvider>
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
