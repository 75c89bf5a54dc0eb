#!/usr/bin/env python3
"""Turns rules/*.md into the rule table that is compiled in.

usage: generate_rules.py RULES_DIR HEADER SOURCE

A page starts with `# NAME`, then `- key: value` lines (severity, applies-to, title), then sections of Markdown.
A page that lacks a key or a section stops the build. `- reason:`, one clause that says why it matters, may be left out.
"""
import pathlib
import re
import sys

KEYS = ("severity", "applies-to", "title")
SECTIONS = ("## What it means", "## How to fix it", "## References")
SEVERITIES = ("info", "warning", "error")


def read_page(path):
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    name = path.stem
    if not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)+", name):
        sys.exit(f"{path}: a rule is named like ELF-VERSION-MISSING")
    if not lines or lines[0] != f"# {name}":
        sys.exit(f"{path}:1: the first line must be '# {name}'")
    keys = {}
    for line in lines[1:]:
        match = re.fullmatch(r"- ([a-z-]+): (.*)", line)
        if match:
            keys[match[1]] = match[2]
        elif line.startswith("## "):
            break
    for key in KEYS:
        if key not in keys:
            sys.exit(f"{path}: no '- {key}:' line")
    if keys["severity"] not in SEVERITIES:
        sys.exit(f"{path}: severity is one of {', '.join(SEVERITIES)}")
    for section in SECTIONS:
        if section not in lines:
            sys.exit(f"{path}: no '{section}' section")
    return name, keys, text


def literal(text):
    """A C++ literal; long pages are cut into pieces because compilers limit one literal's length."""
    pieces = [text[i:i + 4000] for i in range(0, len(text), 4000)] or [""]
    out = []
    for piece in pieces:
        delimiter = "page"
        while f"){delimiter}\"" in piece:
            delimiter += "_"
        out.append(f'R"{delimiter}({piece}){delimiter}"')
    return " ".join(out)


def write_if_changed(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main():
    folder, header, source = (pathlib.Path(argument) for argument in sys.argv[1:4])
    pages = [read_page(path) for path in sorted(folder.glob("*.md"))]
    ids = [name.replace("-", "_") for name, _, _ in pages]
    write_if_changed(header, "// Generated from rules/*.md by tools/generate_rules.py.\n#pragma once\n\n#include <cstdint>\n\n"
                     "namespace abiscope::finding {\n\nenum class RuleId : std::uint16_t {\n"
                     + "".join(f"    {name},\n" for name in ids) + "};\n\n}  // namespace abiscope::finding\n")
    rows = "".join(
        f"    {{RuleId::{identifier}, \"{name}\", Severity::{keys['severity']}, {literal(keys['applies-to'])}, "
        f"{literal(keys['title'])}, {literal(keys.get('reason', ''))},\n     {literal(text)}}},\n"
        for identifier, (name, keys, text) in zip(ids, pages))
    write_if_changed(source, "// Generated from rules/*.md by tools/generate_rules.py.\n#include \"finding/rule.h\"\n\n"
                     f"namespace abiscope::finding {{\n\nnamespace {{\nconstexpr Rule table[] = {{\n{rows}}};\n}}  // namespace\n\n"
                     "std::span<const Rule> all_rules() { return table; }\n\n}  // namespace abiscope::finding\n")


main()
