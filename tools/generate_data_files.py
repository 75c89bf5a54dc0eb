#!/usr/bin/env python3
"""Compiles data/FOLDER/*.yaml and *.tsv in, as they are: a C++ table of folder, name and text for one room.

usage: generate_data_files.py DATA_DIR ROOM SOURCE FOLDER...
"""
import pathlib
import sys


def literal(text):
    """Raw literals of limited length, with a delimiter the text does not hold."""
    delimiter = "yaml"
    while f"){delimiter}\"" in text:
        delimiter += "_"
    return " ".join(f'R"{delimiter}({text[i:i + 8000]}){delimiter}"' for i in range(0, len(text), 8000)) or '""'


def main():
    data, room, source, *folders = sys.argv[1:]
    source = pathlib.Path(source)
    rows = []
    for folder in sorted(folders):
        for path in sorted(path for path in (pathlib.Path(data) / folder).iterdir() if path.suffix in (".yaml", ".tsv")):
            rows.append(f'    {{"{folder}", "{path.stem}", {literal(path.read_text(encoding="utf-8"))}}},\n')
    text = (f"// Generated from data/ by tools/generate_data_files.py.\n#include \"{room}/data_files.h\"\n\n"
            f"namespace abiscope::{room} {{\n\nnamespace {{\nconstexpr DataFile table[] = {{\n" + "".join(rows) + "};\n}  // namespace\n\n"
            f"std::span<const DataFile> data_files() {{ return table; }}\n\n}}  // namespace abiscope::{room}\n")
    if not source.exists() or source.read_text(encoding="utf-8") != text:
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, encoding="utf-8")


main()
