"""What llvm-dwarfdump says of the records of a file: its text, parsed, and the layout of every record worked out from it again.

Nothing here is taken from src/dwarf: the rules are those of the DWARF standard, read a second time.
"""
import re

ENTRY = re.compile(r"^(0x[0-9a-f]{8,16}):( +)(DW_TAG_\w+|NULL)")
UNIT = re.compile(r"^(0x[0-9a-f]{8,16}): (Compile|Type|Partial|Skeleton) Unit: (.*)")
ATTRIBUTE = re.compile(r"^ +\s(DW_AT_\w+)\t\((.*)\)$")
RECORDS = {"DW_TAG_structure_type", "DW_TAG_class_type", "DW_TAG_union_type"}
SCOPES = RECORDS | {"DW_TAG_namespace"}
UNITS = {"DW_TAG_compile_unit", "DW_TAG_partial_unit", "DW_TAG_type_unit", "DW_TAG_skeleton_unit"}


def unescaped(text):
    """Quotes, backslashes, and bytes of UTF-8 in octal."""
    octal = re.sub(r"((?:\\[0-7]{3})+)", lambda found: bytes(int(part, 8) for part in found[1][1:].split("\\")).decode("utf-8", "replace"), text)
    return octal.replace('\\"', '"').replace("\\\\", "\\")


class Entry:
    def __init__(self, offset, tag, parent, unit):
        self.offset, self.tag, self.parent, self.unit = offset, tag, parent, unit
        self.attributes = {}
        self.children = []

    def text(self, name):
        value = self.attributes.get(name)
        if value is None:
            return None
        match = re.match(r'^"(.*)"$', value, re.DOTALL)
        return unescaped(match[1]) if match else None

    def number(self, name):
        value = self.attributes.get(name)
        if value is None:
            return None
        try:
            return int(value, 0)
        except ValueError:
            return None

    def flag(self, name):
        return self.attributes.get(name) == "true" or bool(self.number(name))   # DW_FORM_flag prints a number


class Dump:
    """All entries of one output of llvm-dwarfdump --debug-info --debug-types."""

    def __init__(self, text):
        self.entries, self.signatures = {}, {}
        self.big_endian = "big" in text.partition("\n")[0]
        self.roots = []
        stack, section, unit, wanted = [], "", {}, None
        entry = None
        for line in text.splitlines():
            if line.startswith(".debug_"):
                section = line.split(" ")[0]
                continue
            found = UNIT.match(line)
            if found:
                unit = {"section": section, "entries": {}, "address_size": int(re.search(r"addr_size = (0x[0-9a-f]+)", line)[1], 0)}
                signature = re.search(r"type_signature = (0x[0-9a-f]+), type_offset = (0x[0-9a-f]+)", line)
                wanted = (int(signature[1], 0), int(found[1], 0) + int(signature[2], 0)) if signature else None
                stack = []
                continue
            found = ENTRY.match(line)
            if found:
                depth = (len(found[2]) - 1) // 2
                if found[3] == "NULL":
                    entry = None
                    continue
                del stack[depth:]
                entry = Entry(int(found[1], 0), found[3], stack[-1] if stack else None, unit)
                stack.append(entry)
                # An object file has many sections of one name, whose offsets all start at 0: an entry is looked for in its own unit first.
                self.entries[(section, entry.offset)] = entry
                unit["entries"][entry.offset] = entry
                if wanted and entry.offset == wanted[1]:
                    self.signatures[wanted[0]] = entry
                (entry.parent.children if entry.parent else self.roots).append(entry)
                continue
            found = ATTRIBUTE.match(line)
            if found and entry is not None:
                entry.attributes.setdefault(found[1], found[2])

    def follow(self, entry, name):
        value = entry.attributes.get(name)
        if value is None:
            return None
        number = int(value.split(" ")[0], 0)
        if name == "DW_AT_signature":
            return self.signatures.get(number)
        return entry.unit["entries"].get(number) or self.signatures.get(number) or self.entries.get((entry.unit["section"], number))


class Layouts:
    """Every distinct complete record outside functions: a set of comparable values."""

    def __init__(self, dump):
        self.dump = dump
        self.records = {}
        for root in dump.roots:
            self.walk(root)

    def walk(self, entry):
        for child in entry.children:
            # Go writes its strings, slices and interfaces as structs; they are kinds of their own.
            whole = not child.flag("DW_AT_declaration") and "DW_AT_signature" not in child.attributes
            if child.tag in RECORDS and whole and child.number("DW_AT_GO_kind") in (None, 0, 25):
                name = self.qualified(child)
                if name is not None:
                    self.take(name, child)
            if child.tag == "DW_TAG_typedef":
                target = self.dump.follow(child, "DW_AT_type")
                if target and target.tag in RECORDS and child.number("DW_AT_GO_kind") in (None, 0, 25) and self.own_name(target) is None and not target.flag("DW_AT_declaration"):
                    self.take(self.qualified(child), target)
            if child.tag in SCOPES:
                self.walk(child)

    def take(self, name, entry):
        self.records.setdefault((name, self.layout(entry)), entry)

    def own_name(self, entry):
        if entry is None:
            return None
        name = entry.text("DW_AT_name")
        for link in ("DW_AT_specification", "DW_AT_signature"):
            if name is None and link in entry.attributes:
                return self.own_name(self.dump.follow(entry, link))
        return name

    def qualified(self, entry):
        name = self.own_name(entry)
        if name is None:
            return None
        # GCC names a type in a type unit again; the scopes are around the declaration.
        while entry.text("DW_AT_name") is None or "DW_AT_specification" in entry.attributes:
            entry = self.dump.follow(entry, "DW_AT_specification") or self.dump.follow(entry, "DW_AT_signature")
        parent = entry.parent
        while parent is not None and parent.tag in SCOPES:
            outer = self.own_name(parent)
            if outer is None:
                outer = "(anonymous namespace)" if parent.tag == "DW_TAG_namespace" else "(anonymous)"
            name = outer + "::" + name
            parent = parent.parent
        return name

    def size(self, entry, depth=0):
        """Bytes of a type, or None."""
        if entry is None or depth > 60:
            return None
        if entry.tag == "DW_TAG_unspecified_type":
            return entry.unit["address_size"] if "nullptr" in (entry.text("DW_AT_name") or "") else None
        size = entry.number("DW_AT_byte_size")
        if size is not None:
            return size
        if "DW_AT_GO_kind" in entry.attributes:
            words = {18: 1, 19: 1, 20: 2, 21: 1, 22: 1, 23: 3, 24: 2, 26: 1}.get(entry.number("DW_AT_GO_kind"))
            if words:
                return words * entry.unit["address_size"]
        if entry.tag in ("DW_TAG_pointer_type", "DW_TAG_reference_type", "DW_TAG_rvalue_reference_type"):
            return entry.unit["address_size"]
        if "DW_AT_signature" in entry.attributes:
            return self.size(self.dump.follow(entry, "DW_AT_signature"), depth + 1)
        inner = self.size(self.dump.follow(entry, "DW_AT_type"), depth + 1)
        if entry.tag == "DW_TAG_array_type":
            for child in entry.children:
                if child.tag != "DW_TAG_subrange_type":
                    continue
                count = child.number("DW_AT_count")
                if count is None and child.number("DW_AT_upper_bound") is not None:
                    upper = child.number("DW_AT_upper_bound")
                    count = 0 if upper == 2 ** 64 - 1 else upper + 1 - (child.number("DW_AT_lower_bound") or 0)
                if count is None or inner is None:
                    return None
                inner *= count
            return inner
        if entry.tag in ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type", "DW_TAG_restrict_type", "DW_TAG_atomic_type", "DW_TAG_template_alias"):
            return inner
        return None

    def bit_offset(self, member):
        value = member.attributes.get("DW_AT_data_member_location")
        start = 0
        if value is not None:
            expression = re.match(r"^DW_OP_plus_uconst (0x[0-9a-f]+)$", value)
            if expression:
                value = expression[1]
            if value.startswith("DW_OP"):
                return None
            start = int(value, 0) * 8
        bits = member.number("DW_AT_data_bit_offset")
        if bits is not None:
            return start + bits
        width, old = member.number("DW_AT_bit_size"), member.number("DW_AT_bit_offset")
        if width is None or old is None:
            return start
        storage = member.number("DW_AT_byte_size")
        if storage is None:
            storage = self.size(self.dump.follow(member, "DW_AT_type"))
        if old >= 2 ** 63:
            old -= 2 ** 64
        return start + old if self.dump.big_endian else start + storage * 8 - old - width

    def member(self, member):
        target = self.dump.follow(member, "DW_AT_type")
        return (member.text("DW_AT_name") or "", self.bit_offset(member), member.number("DW_AT_bit_size"), self.size(target), self.plain(target))

    def plain(self, entry):
        """The name of a type, where it is nothing but a name."""
        if entry is None:
            return "void"
        if entry.tag in ("DW_TAG_base_type", "DW_TAG_unspecified_type"):
            return entry.text("DW_AT_name")
        if entry.tag in RECORDS | {"DW_TAG_typedef", "DW_TAG_enumeration_type"}:
            if "DW_AT_signature" in entry.attributes:
                return self.plain(self.dump.follow(entry, "DW_AT_signature"))
            return self.qualified(entry) if self.in_scopes(entry) else None
        return None

    def in_scopes(self, entry):
        parent = entry.parent
        while parent is not None and parent.tag in SCOPES:
            parent = parent.parent
        return parent is not None and parent.tag in UNITS

    def layout(self, entry):
        fields, bases, variants = [], [], []
        for child in entry.children:
            if child.tag == "DW_TAG_member":
                if "DW_AT_external" in child.attributes or "DW_AT_declaration" in child.attributes:
                    continue
                if child.flag("DW_AT_artificial") and (child.text("DW_AT_name") or "").startswith("_vptr"):
                    continue
                fields.append(self.member(child))
            elif child.tag == "DW_TAG_inheritance":
                is_virtual = child.attributes.get("DW_AT_virtuality") == "DW_VIRTUALITY_virtual"
                bases.append((self.qualified(self.dump.follow(child, "DW_AT_type")), is_virtual, None if is_virtual else self.bit_offset(child)))
            elif child.tag == "DW_TAG_variant_part":
                for variant in child.children:
                    if variant.tag == "DW_TAG_variant":
                        variants.append((variant.number("DW_AT_discr_value"), tuple(self.member(one) for one in variant.children if one.tag == "DW_TAG_member")))
        return (entry.tag == "DW_TAG_union_type", entry.number("DW_AT_byte_size"), tuple(bases), tuple(fields), tuple(variants))
