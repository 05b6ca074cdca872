"""A window of VTE, the terminal of GNOME, that does what it is told.

Usage: vte.py COMMAND, with DISPLAY set. Each line of standard input is a JSON list, and a line of
JSON answers it: ["size", columns, rows], ["keys", text], ["text"] for all that the terminal keeps,
with the lines that it has wrapped put together.
"""

import json
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Vte", "2.91")
from gi.repository import Gio, GLib, Gtk, Vte  # noqa: E402


class Window:
    def __init__(self, command):
        self.terminal = Vte.Terminal()
        self.terminal.set_scrollback_lines(50000)
        self.terminal.set_size(100, 24)
        self.window = Gtk.Window()
        self.window.add(self.terminal)
        self.window.show_all()
        self.terminal.spawn_async(Vte.PtyFlags.DEFAULT, None, ["sh", "-c", command], None,
                                  GLib.SpawnFlags.DEFAULT, None, None, -1, None, None)
        GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, self.take)

    def take(self, *_):
        line = sys.stdin.readline()
        if not line:
            Gtk.main_quit()
            return False
        what, *arguments = json.loads(line)
        print(json.dumps(getattr(self, what)(*arguments)), flush=True)
        return True

    def size(self, columns, rows):
        """By its window, as a person does it: set_size() would be undone by the old window."""
        terminal, grid = self.terminal, self.grid()
        self.window.resize(
            terminal.get_allocated_width() + (columns - grid[0]) * terminal.get_char_width(),
            terminal.get_allocated_height() + (rows - grid[1]) * terminal.get_char_height())
        while self.grid() != (columns, rows):
            Gtk.main_iteration()

    def grid(self):
        return self.terminal.get_column_count(), self.terminal.get_row_count()

    def keys(self, text):
        self.terminal.feed_child(text.encode())

    def text(self):
        stream = Gio.MemoryOutputStream.new_resizable()
        self.terminal.write_contents_sync(stream, Vte.WriteFlags.DEFAULT, None)
        stream.close()
        return stream.steal_as_bytes().get_data().decode(errors="replace")


if __name__ == "__main__":
    window = Window(sys.argv[1])
    Gtk.main()
