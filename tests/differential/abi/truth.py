"""What a compiler says of the records of a source text: {name: (size, alignment, {member: bit offset})}, bases as base:NAME and vbase:NAME
in bytes. Nothing foreign is executed: clang dumps its layouts, gcc's are read from constants in object files and from its own dumps."""
import re
import struct

import differential


class Rejected(Exception):
    """The compiler does not accept these declarations: their indices."""

    def __init__(self, indices, text):
        super().__init__(text)
        self.indices = indices


def standard(target, language):
    return "-std=gnu17" if language == "c" else f"-std=gnu++{target.standard}"


def compile_or_reject(command, path, first_line, count):
    outcome = differential.run(command, seconds=300)
    if outcome.code == 0:
        return outcome
    lines = {int(line) - first_line for line in re.findall(rf"{re.escape(path.name)}:(\d+):(?:\d+:)? (?:fatal )?error:", outcome.err)}
    bad = {line for line in lines if 0 <= line < count}
    if not bad:
        raise differential.Failure(f"{' '.join(command)}: {outcome.err[:2000]}")
    raise Rejected(bad, outcome.err)


def source_lines(generator, declarations):
    return [generator.prelude(), *(declaration.code for declaration in declarations)]


def sized(declaration, language):
    head = declaration.text[0].split()[0]
    return f"{head} {declaration.name}" if language == "c" else declaration.name


def records_of(lines):
    """The lines of each record."""
    found, current = {}, None
    for line in lines:
        words = line.split()
        if words[0] in ("struct", "class", "union"):
            current = found.setdefault(words[1], [])
        elif current is not None:
            current.append(line)
    return found


def clang_truth(target, generator, declarations, work):
    language = generator.language
    path = work / ("types." + ("c" if language == "c" else "cc"))
    lines = source_lines(generator, declarations)
    records = [declaration for declaration in declarations if declaration.record]
    lines += [f"char size_{d.name}[sizeof({sized(d, language)}) + 1];" for d in records]
    path.write_text("\n".join(lines) + "\n")
    command = [target.program(language), f"--target={target.triple}", *target.flags, standard(target, language), "-w", "-ferror-limit=0", "-fsyntax-only", "-Xclang",
               "-fdump-record-layouts-simple", str(path)]
    outcome = compile_or_reject(command, path, 2, len(declarations))
    found = {}
    by_name = {declaration.name: declaration for declaration in records}
    lines_of = {}
    anonymous_at = {}   # line and column -> (, name)
    for number, declaration in enumerate(declarations):
        lines_of |= records_of(declaration.lines) if declaration.record else {}
        for held, code in declaration.anonymous.items():
            anonymous_at[number + 2, declaration.code.index(code) + 1] = (None, held)
    for dump in outcome.out.split("*** Dumping AST Record Layout\n")[1:]:
        name = re.search(r"^Type: (?:struct |union |class )?(\w+)$", dump, re.MULTILINE)
        nameless = re.search(r"^Type: .*[( ]at \S+:(\d+):(\d+)\)$", dump, re.MULTILINE)
        if nameless and (held := anonymous_at.get((int(nameless[1]), int(nameless[2])))):
            name = held
        if not name or (name[1] not in by_name and name[1] not in lines_of):
            continue
        number = {key: int(value) // 8 for key, value in re.findall(r"  (Size|Alignment):(\d+)", dump)}
        lists = {key: [int(value) for value in re.findall(r"-?\d+", values)] for key, values in re.findall(r"  (\w+): \[([^\]]*)\]", dump)}
        members = member_offsets(lines_of[name[1]], lists["FieldOffsets"])
        if name[1] in by_name:
            add_bases(by_name, name[1], lists, members)
        found[name[1]] = (number["Size"], number["Alignment"], members)
    return found


def member_names(lines):
    """What stands for each member: an anonymous one has the name of its type in parentheses, an unnamed bit-field `-`."""
    for line in lines:
        words = line.split()
        if words[0] == "field":
            yield words[1] if words[1] != "-" or any(word.startswith("bits=") for word in words) else f"({words[2]})"


def member_offsets(lines, offsets):
    return {name: offset for name, offset in zip(member_names(lines), offsets) if name != "-"}


def base_names(declaration, kind):
    return [line.split()[1] for line in declaration.text if line.startswith("  base ") and (" virtual" in line) == (kind == "virtual")]


def virtual_bases(by_name, name, found=None):
    """In clang's order: those of each base first, then the base itself."""
    found = [] if found is None else found
    for line in by_name[name].text:
        if line.startswith("  base "):
            base = line.split()[1]
            virtual_bases(by_name, base, found)
            if " virtual" in line and base not in found:
                found.append(base)
    return found


def add_bases(by_name, name, lists, members):
    for base, offset in zip(base_names(by_name[name], "plain"), lists.get("BaseOffsets", [])):
        members["base:" + base] = offset
    for base, offset in zip(virtual_bases(by_name, name), lists.get("VBaseOffsets", [])):
        members["vbase:" + base] = offset


def gcc_tools(target, *command):
    outcome = differential.run([target.prefix + command[0], *command[1:]], seconds=120)
    if outcome.code != 0:
        raise differential.Failure(f"{' '.join(map(str, command))}: {outcome.err[:500]}")
    return outcome.out


def gcc_c_truth(target, generator, declarations, work):
    """Sizes and offsets from one table of constants; where a bit-field lies, from an object in which only its bits are set."""
    path, made = work / "types.c", work / "types.o"
    lines = source_lines(generator, declarations)
    records = [declaration for declaration in declarations if declaration.record]
    bit_fields = []
    wanted = []
    for declaration in records:
        kind = sized(declaration, "c")
        wanted += [f"sizeof({kind})", f"__alignof__({kind})"]
        for name, bit_field, is_bool in declaration.fields:
            if bit_field:
                bit_fields.append((declaration, name))
                value = "1" if is_bool else "-1"
                lines.append(f'{kind} bits_{declaration.name}_{name} __attribute__((section(".bits"), used)) = {{ .{name} = {value} }};')
            else:
                wanted.append(f"__builtin_offsetof({kind}, {name})")
    lines.append('const unsigned long long numbers[] __attribute__((section(".numbers"), used)) = {' + ", ".join(wanted) + "};")
    path.write_text("\n".join(lines) + "\n")
    compile_or_reject([target.program("c"), *target.flags, standard(target, "c"), "-w", "-fno-common", "-c", str(path), "-o", str(made)], path, 2, len(declarations))
    sections = {}
    for section in ("numbers", "bits"):
        image = work / f"{section}.bin"
        gcc_tools(target, "objcopy", "-O", "binary", f"--only-section=.{section}", "--set-section-flags", f".{section}=alloc", str(made), str(image))
        sections[section] = image.read_bytes() if image.exists() else b""
    underscore = "_" if target.profile.startswith("win32") else ""
    symbols = {name: int(value, 16) for value, name in re.findall(r"^([0-9a-f]+) \w (\S+)$", gcc_tools(target, "nm", str(made)), re.MULTILINE)}
    numbers = iter(struct.unpack(f"<{len(wanted)}Q", sections["numbers"][:8 * len(wanted)]))
    found = {}
    for declaration in records:
        size, alignment = next(numbers), next(numbers)
        members = {}
        for name, bit_field, _ in declaration.fields:
            if bit_field:
                start = symbols[f"{underscore}bits_{declaration.name}_{name}"]
                value = int.from_bytes(sections["bits"][start:start + size], "little")
                if value == 0:
                    raise differential.Failure(f"{declaration.name}.{name}: no bit is set")
                members[name] = (value & -value).bit_length() - 1
            else:
                members[name] = 8 * next(numbers)
        found[declaration.name] = (size, alignment, members)
    return found


def forgotten_aliases(target, made, aliases, work):
    """g++ forgets the alignment below its class's that a typedef gave it, once a special member of the class is declared implicitly: any use will
    do, and from there on the typedef has the class's alignment. Those of which this is so at the end of the text."""
    image = work / "aligned.bin"
    gcc_tools(target, "objcopy", "-O", "binary", "--only-section=.aligned", "--set-section-flags", ".aligned=alloc", str(made), str(image))
    values = struct.unpack(f"<{len(aliases)}I", image.read_bytes()[:4 * len(aliases)]) if aliases else ()
    return {name for (name, asked), real in zip(aliases.items(), values) if real > asked}


def gcc_cxx_truth(target, generator, declarations, work):
    """Sizes, alignments and bases from gcc's own dump of the classes, members from its debug information."""
    path, made, dump = work / "types.cc", work / "types.o", work / "types.class"
    aliases = {d.name: int(words[3][6:]) for d in declarations for words in [d.text[0].split()] if words[0] == "alias" and words[3:]}
    lines = source_lines(generator, declarations)
    lines.append('extern const unsigned aligned[] __attribute__((section(".aligned"), used)) = {' + ", ".join(f"__alignof__({name})" for name in aliases) + "};")
    path.write_text("\n".join(lines) + "\n")
    records = {declaration.name: declaration for declaration in declarations if declaration.record}
    command = [target.program("cxx"), *target.flags, standard(target, "cxx"), "-w", "-gdwarf-5", "-fno-eliminate-unused-debug-types", "-femit-class-debug-always", f"-fdump-lang-class={dump}", "-c",
               str(path), "-o", str(made)]
    compile_or_reject(command, path, 2, len(declarations))
    generator.forgotten = forgotten_aliases(target, made, aliases, work)
    found = {}
    for block in ("\n" + dump.read_text()).split("\nClass ")[1:]:
        name, _, rest = block.partition("\n")
        if name not in records:
            continue
        size, alignment = (int(number) for number in re.search(r"size=(\d+) align=(\d+)", rest).groups())
        members = {}
        direct = set(base_names(records[name], "plain"))
        lines = re.findall(r"^ *(\w+) \(0x\w+\) (\d+)(.*)$", rest.split("\n\n")[0], re.MULTILINE)
        for base, offset, rest_of_line in lines[1:]:
            key = "vbase:" + base if "virtual" in rest_of_line else "base:" + base
            if key.startswith("base:") and base not in direct:
                continue
            # A class that is a base twice over cannot be told apart in this dump.
            members[key] = int(offset) if sum(line[0] == base for line in lines) == 1 else None
        found[name] = (size, alignment, members)
    nameless = {name: [member for member in member_names(declaration.text) if member.startswith("(")] for name, declaration in records.items()}
    outcome = differential.run(["llvm-dwarfdump-19", "--debug-info", str(made)], seconds=300)
    current, member = None, None

    def end_of_member():
        if member is not None and "name" not in member:
            found[current][2][nameless[current].pop(0)] = member["offset"]

    for line in outcome.out.splitlines():
        tag = re.match(r"0x\w+:( +)(DW_TAG_\w+|NULL)", line)
        if tag:
            depth = len(tag[1])
            end_of_member()
            member = None
            if tag[2] in ("DW_TAG_structure_type", "DW_TAG_class_type", "DW_TAG_union_type") and depth == 3:
                current = "?"
            elif depth == 3:
                current = None
            elif tag[2] == "DW_TAG_member" and depth == 5 and current in records:
                member = {"offset": 0}
            continue
        if current == "?" and (name := re.search(r'DW_AT_name\s+\("([^"]*)"\)', line)):
            current = name[1]
        if member is not None:
            if name := re.search(r'DW_AT_name\s+\("([^"]*)"\)', line):
                member["name"] = name[1]
                found[current][2].setdefault(name[1], 0)
            elif offset := re.search(r"DW_AT_data_member_location\s+\((0x\w+|\d+)\)", line):
                member["offset"] = int(offset[1], 0) * 8
                if "name" in member:
                    found[current][2][member["name"]] = int(offset[1], 0) * 8
            elif offset := re.search(r"DW_AT_data_bit_offset\s+\((0x\w+|\d+)\)", line):
                if "name" in member:
                    found[current][2][member["name"]] = int(offset[1], 0)
    for members in found.values():
        for name in [name for name in members[2] if name.startswith("_vptr")]:
            del members[2][name]
    return found


def truth(target, generator, declarations, work):
    if not target.gcc:
        return clang_truth(target, generator, declarations, work)
    if generator.language == "c":
        return gcc_c_truth(target, generator, declarations, work)
    return gcc_cxx_truth(target, generator, declarations, work)
