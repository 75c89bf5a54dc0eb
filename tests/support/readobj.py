"""Reads the text that llvm-readobj prints (its LLVM style) into nodes, for the differential tests."""
import re

OPEN = re.compile(r"^(.*?)(?:: (.*?))? ?([\[{(])(?: ?\((0x[0-9A-F]+)\))?$")
LEAF = re.compile(r"^([^:]*?): ?(.*)$")
CLOSERS = ("]", "}", ")")


class Node:
    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.children = []

    def all(self, name):
        return [child for child in self.children if child.name == name]

    def first(self, name):
        found = self.all(name)
        return found[0] if found else None

    def text(self, name):
        return self.first(name).value

    def number(self, name):
        return number(self.first(name).value)

    def lines(self):
        """Children that are no `Key: value` line."""
        return [child.value for child in self.children if child.name is None]


def number(text):
    """The number of `0x1F`, `31`, or of the last parenthesis of `NAME (0x3)`."""
    match = re.search(r"\((-?(?:0x[0-9A-Fa-f]+|\d+))\)$", text)
    return int(match[1] if match else text, 0)


def parse(text):
    root = Node("", "")
    stack = [root]
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        if line in CLOSERS:
            if len(stack) > 1:
                stack.pop()
            continue
        opened = OPEN.match(line) if line[-1] in "[{(" or line.endswith(")") and re.search(r"[\[{(] ?\(0x[0-9A-F]+\)$", line) else None
        if opened:
            node = Node(opened[1], opened[4] or opened[2] or "")
            stack[-1].children.append(node)
            stack.append(node)
            continue
        leaf = LEAF.match(line)
        stack[-1].children.append(Node(leaf[1], leaf[2]) if leaf else Node(None, line))
    return root
