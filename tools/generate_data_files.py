#!/usr/bin/env python3
"""Compiles data/*/*.yaml in, as they are: a C++ table of folder, name and text.

usage: generate_data_files.py DATA_DIR SOURCE
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
    folder, source = map(pathlib.Path, sys.argv[1:3])
    rows = []
    for path in sorted(folder.glob("*/*.yaml")):
        rows.append(f'    {{"{path.parent.name}", "{path.stem}", {literal(path.read_text(encoding="utf-8"))}}},\n')
    text = ("// Generated from data/*/*.yaml by tools/generate_data_files.py.\n#include \"target/data_files.h\"\n\n"
            "namespace abiscope::target {\n\nnamespace {\nconstexpr DataFile table[] = {\n" + "".join(rows) + "};\n}  // namespace\n\n"
            "std::span<const DataFile> data_files() { return table; }\n\n}  // namespace abiscope::target\n")
    if not source.exists() or source.read_text(encoding="utf-8") != text:
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, encoding="utf-8")


main()
