"""Random types of C and C++: each with its text for a compiler and its text for tests/support/type_text.h. The same seed gives the same
types. Every declaration is one line, so that a compiler's complaint names it."""
import dataclasses

SCALARS = {   # type text -> C
    "bool": "_Bool", "char": "char", "schar": "signed char", "uchar": "unsigned char", "short": "short", "ushort": "unsigned short",
    "int": "int", "uint": "unsigned", "long": "long", "ulong": "unsigned long", "llong": "long long", "ullong": "unsigned long long",
    "float": "float", "double": "double", "ldouble": "long double", "ptr": "P", "wchar": "W",
}
CXX_SCALARS = {"char16": "char16_t", "char32": "char32_t", "nullptr": "decltype(nullptr)"}
INTEGERS = ["wchar", "bool", "char", "schar", "uchar", "short", "ushort", "int", "uint", "long", "ulong", "llong", "ullong"]
VECTORS = {"v2f": ("float", 8), "v4f": ("float", 16), "v8f": ("float", 32), "v16f": ("float", 64), "v2d": ("double", 16), "v2i": ("int", 8),
           "v4i": ("int", 16), "v8c": ("char", 8), "v4c": ("char", 4), "v2c": ("char", 2), "v16s": ("short", 32), "v1l": ("llong", 8), "v2l": ("llong", 16)}
SIZES = {"char": 1, "short": 2, "int": 4, "float": 4, "double": 8, "llong": 8}


@dataclasses.dataclass
class Declaration:
    name: str
    code: str                                     # one line
    text: list                                    # lines of type_text.h
    uses: set = dataclasses.field(default_factory=set)
    record: bool = False
    fields: list = dataclasses.field(default_factory=list)   # (name, is a bit-field, is a bool); those of anonymous members too
    anonymous: dict = dataclasses.field(default_factory=dict)   # our name of an anonymous member's type -> its code
    before: list = dataclasses.field(default_factory=list)   # lines of those, which come first

    @property
    def lines(self):
        return self.before + self.text


@dataclasses.dataclass
class Usable:
    """A type that a member may have: how C writes it before and behind the name, and our text."""
    before: str
    text: str
    behind: str = ""
    name: str = ""       # of the declaration it depends on
    record: bool = False
    flexible: bool = False
    atomic: bool = False
    can_be_element: bool = True
    can_be_atomic: bool = True


class Generator:
    def __init__(self, random, target, language):
        self.random = random
        self.target = target
        self.language = language
        self.made = []
        self.records = []        # Usable
        self.enumerations = []   # Usable
        self.aliases = []        # Usable, of scalars
        self.count = 0
        self.with_anonymous = True   # members that are an anonymous struct or union
        self.forgotten = set()   # aliases whose alignment the compiler lost on its way

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def new_name(self, letter):
        self.count += 1
        return f"{letter}{self.count}"

    def prelude(self):
        wide = "__WCHAR_TYPE__" if self.language == "c" else "wchar_t"
        lines = ["typedef void *P;", f"typedef {wide} W;"]
        for name, (element, size) in VECTORS.items():
            lines.append(f"typedef {SCALARS[element]} {name} __attribute__((vector_size({size})));")
        return " ".join(lines) + ("" if self.language == "c" else " typedef bool _Bool;")

    # Enumerations and typedefs

    def alignment(self):
        return self.random.choice([1, 2, 4, 8, 8, 16, 16, 32, 64])

    def enumeration(self):
        name = self.new_name("E")
        least, greatest = self.random.choice([(0, 0), (0, 1), (0, 127), (0, 255), (-1, 3), (-128, 127), (-129, 0), (0, 65535), (0, 70000), (-1, 40000),
                                              (0, 0x7fffffff), (0, 0x80000000), (0, 0xffffffff), (-0x80000000, 5), (0, 0x1ffffffff),
                                              (-1, 0xffffffff), (-0x80000001, 0), (0, 0x7fffffffffffffff)])
        flags, attributes, fixed = "", "", ""
        if self.chance(30):
            flags, attributes = " packed", " __attribute__((packed))"
        elif (self.language == "cxx" or not self.target.gcc) and self.chance(40):
            base = self.random.choice(["char", "uchar", "short", "int", "uint", "llong", "ullong", "bool"])
            least, greatest = (0, 1)
            scoped = self.language == "cxx" and self.chance(50)
            flags, fixed = f" fixed={base}" + (" scoped" if scoped else ""), f" : {SCALARS[base]}"
            self.add_enumeration(name, ("class " if scoped else "") + name, fixed, "", least, greatest, flags)
            return
        self.add_enumeration(name, name, fixed, attributes, least, greatest, flags)

    def add_enumeration(self, name, head, fixed, attributes, least, greatest, flags):
        suffix = "LL" if greatest > 0xffffffff or least < -0x80000000 else ""
        values = [f"{name}_h = {greatest}{suffix}"] + ([f"{name}_l = {least}{suffix}"] if least < 0 else [])
        flags += " cxx" * (self.language == "cxx")
        if self.chance(8) and not (self.target.gcc and "packed" in flags):   # GCC heeds the two by their order
            alignment = self.alignment()
            flags += f" align={alignment}"
            attributes += f" __attribute__((aligned({alignment})))"
        if head.startswith("class "):   # behind the key, attributes come first
            head = f"class{attributes} {name}"
            attributes = ""
        code = f"enum{attributes} {head}{fixed} {{ {', '.join(values)} }};"
        self.made.append(Declaration(name, code, [f"enum {name} {least} {greatest}{flags}"]))
        self.enumerations.append(Usable(f"enum {name}", name, name=name))

    def alias(self):
        name = self.new_name("A")
        kind = self.random.choice(["scalar", "scalar", "enum", "alias", "record", "array"])
        target = self.scalar()
        if kind == "array":
            target = self.array(self.scalar())
        if kind == "enum" and self.enumerations:
            target = self.random.choice(self.enumerations)
        if kind == "alias" and self.aliases:
            target = self.random.choice(self.aliases)
        if kind == "record" and self.records:
            target = self.random.choice([r for r in self.records if not r.flexible] or [target])
        aligned = self.chance(70)
        alignment = self.alignment()
        code = f"typedef {target.before} {name}{target.behind}" + (f" __attribute__((aligned({alignment})))" if aligned else "") + ";"
        self.made.append(Declaration(name, code, [f"alias {name} {target.text}" + (f" align={alignment}" if aligned else "")], {target.name}))
        usable = Usable(name, name, name=name, record=target.record, flexible=target.flexible,
                        can_be_element=target.can_be_element and (not aligned or alignment == 1), can_be_atomic=False)
        if target.record:
            self.records.append(usable)
        else:
            self.aliases.append(usable)

    # Types of members

    def scalar(self):
        names = list(SCALARS) + (list(CXX_SCALARS) if self.language == "cxx" else [])
        if self.target.int128:
            names += ["int128"]
        if self.target.float128:
            names += ["float128"]
        if self.target.half and (self.language == "c" or not self.target.gcc):
            names += ["half"]
        text = self.random.choice(names)
        extra = {"int128": "__int128", "float128": "__float128", "half": "_Float16", **CXX_SCALARS}
        return Usable(SCALARS.get(text) or extra[text], text)

    def integer(self):
        roll = self.random.randrange(100)
        if roll < 12 and self.enumerations:
            return self.random.choice(self.enumerations)
        if roll < 24:
            integers = [a for a in self.aliases if a.text in self.integer_aliases()]
            if integers:
                return self.random.choice(integers)
        if roll < 28 and self.target.int128 and not self.target.windows:
            return Usable("__int128", "int128")
        if roll < 32 and self.target.bit_int:
            bits = self.random.choice([2, 7, 8, 13, 24, 33, 48, 64])
            return Usable(f"unsigned _BitInt({bits})", f"ubitint({bits})")
        text = self.random.choice(INTEGERS)
        return Usable(SCALARS[text], text)

    def integer_aliases(self):
        """Aliases that end in an integer or enumeration."""
        good = set(INTEGERS) | {e.text for e in self.enumerations}
        for declaration in self.made:
            words = declaration.text[0].split()
            if words[0] == "alias" and words[2] in good:
                good.add(words[1])
        return good

    def width(self, text):
        """The bits of an integer type, as far as C's limit on bit-fields goes; small enough for every ABI."""
        known = {"bool": 1, "wchar": 16, "char": 8, "schar": 8, "uchar": 8, "short": 16, "ushort": 16, "int": 32, "uint": 32, "long": 32, "ulong": 32, "llong": 64,
                 "ullong": 64, "int128": 128}
        if text in known:
            return known[text]
        if text.startswith("ubitint("):
            return int(text[8:-1])
        for declaration in self.made:
            words = declaration.text[0].split()
            if words[0] == "enum" and words[1] == text:
                fixed = [word[6:] for word in words if word.startswith("fixed=")]
                if fixed:
                    return known[fixed[0]]
                if "packed" in words:
                    return 8
                return 32
            if words[0] == "alias" and words[1] == text:
                return self.width(words[2])
        return 8

    def any_type(self):
        roll = self.random.randrange(100)
        if roll < 45:
            return self.scalar()
        if roll < 55 and self.aliases:
            return self.random.choice(self.aliases)
        if roll < 60 and self.enumerations:
            return self.random.choice(self.enumerations)
        if roll < 82 and self.records:
            return self.random.choice(self.records)
        if roll < 87:
            name = self.random.choice(list(VECTORS))
            element, size = VECTORS[name]
            return Usable(name, f"vector({size // SIZES[element]},{element})", can_be_atomic=False)
        if roll < 90:
            element = self.random.choice(["float", "double", "ldouble", "float", "double", "ldouble", "int", "char", "llong"])
            return Usable(f"_Complex {SCALARS[element]}", f"complex({element})")
        if roll < 93 and self.target.bit_int:
            bits = self.random.choice([2, 8, 9, 24, 33, 40, 64, 65, 100, 128] + ([129, 200, 256, 1000] if self.target.bit_int > 128 else []))
            return Usable(f"_BitInt({bits})", f"bitint({bits})")
        if roll < 95:
            inner = self.any_type()
            if not inner.behind and not inner.flexible and not inner.before.startswith("const ") and not inner.atomic:
                return dataclasses.replace(inner, before=f"const {inner.before}", text=f"const({inner.text})", can_be_atomic=False)
        if roll < 98 and (self.language == "c" or not self.target.gcc):
            inner = self.any_type()
            if inner.can_be_atomic and not inner.flexible and not inner.behind and not inner.atomic:
                return Usable(f"_Atomic({inner.before})", f"atomic({inner.text})", name=inner.name, atomic=True, can_be_element=inner.can_be_element)
        return self.scalar()

    def array(self, element):
        if not element.can_be_element or element.flexible or element.behind.count("[") > 1:
            return element
        count = self.random.choice([0, 1, 2, 3, 3, 5, 7] if not self.target.microsoft else [1, 2, 3, 5, 7])
        return Usable(element.before, f"array({count},{element.text})", f"[{count}]{element.behind}", element.name, can_be_atomic=False)

    # Records of C

    def record_head(self, is_union):
        """Attributes and pragmas of a record: code before, code after `struct`, words of our text."""
        before, after, attributes, words = "", "", [], []
        if self.chance(15):
            attributes.append("packed")
            words.append("packed")
        if self.chance(15):
            alignment = self.alignment()
            attributes.append(f"aligned({alignment})")
            words.append(f"align={alignment}")
        if not self.target.microsoft and self.target.prefix in ("", "x86_64-w64-mingw32-", "i686-w64-mingw32-") and self.chance(5) and \
                (self.target.gcc or self.target.windows or "86" in self.target.triple):
            style = self.random.choice(["ms", "gnu"]) if self.target.gcc else "ms"
            attributes.append("ms_struct" if style == "ms" else "gcc_struct")
            words.append(f"style={style}")
        if self.chance(15):
            pack = self.random.choice([1, 2, 4, 8, 16])
            before, after = f'_Pragma("pack(push,{pack})") ', ' _Pragma("pack(pop)")'
            words.append(f"pack={pack}")
        text = f" __attribute__(({', '.join(attributes)}))" if attributes else ""
        return before, after, text, words

    def anonymous(self, index, indent=0):
        """An anonymous struct or union: (code, our name of its type, its lines, what it depends on, its fields, those it holds in turn)."""
        head = self.random.choice(["struct", "union"])
        _, _, attributes, words = self.record_head(False)
        words = [word for word in words if not word.startswith("pack=")]   # of the record that it is in
        name = self.new_name("N")
        codes, lines, uses, fields, inner = [], [], set(), [], []
        for place in range(self.random.choice([1, 2, 2, 3])):
            if indent == 0 and self.chance(10):
                made = self.anonymous(f"{index}_{place}", 1)
                codes.append(made[0])
                lines.append(f"  field - {made[1]}")
                inner += [made, *made[5]]
                uses |= made[3]
                continue
            made = self.member(f"{index}_{place}")
            if len(made) == 5 and made[4].flexible:
                continue
            codes.append(made[0])
            lines.append("  " + made[1])
            uses.add(made[2])
            fields += [made[3]] if made[3] else []
        return f"{head}{attributes} {{ {' '.join(codes)} }};", name, [[head, name, *words], lines], uses, fields, inner

    def add_anonymous(self, made, declaration, pack):
        """Puts what anonymous() made into the declaration that holds it."""
        language = "c" if self.language == "c" else "cxx"
        for code, name, (words, lines), uses, fields, _ in [*reversed(made[5]), made]:
            declaration.before += [" ".join([*words[:2], language, *words[2:], *([f"pack={pack}"] if pack else [])]), *lines, "end"]
            declaration.anonymous[name] = code
            declaration.uses |= uses - {""}
            declaration.fields += fields

    def spelled(self, attributes):
        """An alignment by attribute or by the language's own word: (in front of the declaration, behind it)."""
        text = f" __attribute__(({', '.join(attributes)}))" if attributes else ""
        if len(attributes) == 1 and attributes[0].startswith("aligned") and self.chance(40):
            number = attributes[0][8:-1]
            if self.target.microsoft and self.chance(50):
                return f"__declspec(align({number})) ", ""
            return ("alignas" if self.language == "cxx" else "_Alignas") + f"({number}) ", ""
        return "", text

    def member(self, index, wide=False):
        """One member: (code, text line, name it depends on, (name, is a bit-field, is a bool))."""
        name = f"f{index}"
        attributes, words = [], []
        if self.chance(10):
            alignment = self.alignment()
            attributes.append(f"aligned({alignment})")
            words.append(f"align={alignment}")
        if self.chance(6):
            attributes.append("packed")
            words.append("packed")
        if self.chance(38):
            kind = self.integer()
            widest = self.width(kind.text)
            roll = self.random.randrange(100)
            if roll < 10:
                width, name = 0, ""
            elif roll < 18:
                width, name = self.random.randint(1, widest), ""
            elif roll < 40:
                width = widest if not wide else self.random.choice([widest, widest + 1, widest + 9, widest * 2])
            else:
                width = self.random.randint(1, widest)
            is_bool = kind.text == "bool"
            attribute = f" __attribute__(({', '.join(attributes)}))" if attributes else ""
            return (f"{kind.before} {name} : {width}{attribute};", " ".join([f"field {name or '-'} {kind.text} bits={width}", *words]), kind.name,
                    (name, True, is_bool) if name else None)
        kind = self.any_type()
        if self.chance(12):
            kind = self.array(kind)
        before, attribute = self.spelled(attributes)
        return (f"{before}{kind.before} {name}{kind.behind}{attribute};", " ".join([f"field {name} {kind.text}", *words]), kind.name, (name, False, False), kind)

    def c_record(self):
        is_union = self.chance(15)
        name = self.new_name("S")
        head = "union" if is_union else "struct"
        before, after, attributes, words = self.record_head(is_union)
        codes, lines, uses, fields, flexible = [], [], set(), [], False
        hold = []
        for index in range(self.random.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8]) if not self.chance(3) else 0):
            if self.with_anonymous and self.chance(6):
                hold.append(self.anonymous(index))
                codes.append(hold[-1][0])
                lines.append(f"  field - {hold[-1][1]}")
                continue
            made = self.member(index)
            # A member with a flexible tail may only come last, and not in a union of C before C23's extensions.
            if len(made) == 5 and made[4].flexible:
                continue
            codes.append(made[0])
            lines.append("  " + made[1])
            uses.add(made[2])
            if made[3]:
                fields.append(made[3])
        if not is_union and fields and self.chance(8):
            kind = self.scalar()
            codes.append(f"{kind.before} tail[];")
            lines.append(f"  field tail flexible({kind.text})")
            fields.append(("tail", False, False))
            flexible = True
        code = f"{before}{head}{attributes} {name} {{ {' '.join(codes)} }};{after}"
        declaration = Declaration(name, code, [" ".join([head, name, "c", *words]), *lines, "end"], uses - {""}, True, fields)
        pack = next((word[5:] for word in words if word.startswith("pack=")), "")
        for made in hold:
            self.add_anonymous(made, declaration, pack)
        self.made.append(declaration)
        self.records.append(Usable(f"{head} {name}", name, name=name, record=True, flexible=flexible, can_be_atomic=not flexible,
                                   can_be_element=not self.target.microsoft or not words))

    def generate(self, records):
        from classes import ClassGenerator   # the part for C++ builds on this one
        maker = ClassGenerator(self) if self.language == "cxx" else None
        done = 0
        while done < records:
            roll = self.random.randrange(100)
            if roll < 6:
                self.enumeration()
            elif roll < 14:
                self.alias()
            else:
                if maker is None:
                    self.c_record()
                else:
                    maker.make()
                done += 1
                # Recent types only: chains of members stay short and sizes small.
                self.records = self.records[-40:]
        return self.made
