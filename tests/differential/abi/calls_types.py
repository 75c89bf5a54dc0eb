"""C types for the calling-convention test: what is generated, how C writes it, how tests/support/type_text.h does.

A type is a Type; records carry their fields. Nothing here knows a layout: sizes, offsets and padding come from the compiler itself."""
import dataclasses

SCALARS = {
    "bool": "_Bool", "char": "char", "signed char": "signed char", "unsigned char": "unsigned char", "short": "short",
    "unsigned short": "unsigned short", "int": "int", "unsigned int": "unsigned int", "long": "long", "unsigned long": "unsigned long",
    "long long": "long long", "unsigned long long": "unsigned long long", "__int128": "__int128", "unsigned __int128": "unsigned __int128",
    "_Float16": "_Float16", "float": "float", "double": "double", "long double": "long double", "__float128": "__float128",
}
FLOATS = {"_Float16", "float", "double", "long double", "__float128"}


@dataclasses.dataclass(eq=False)
class Type:
    kind: str                     # scalar pointer array vector complex enumeration record bit_int atomic member_pointer
    name: str = ""                # of a scalar: its name in SCALARS; of a record, vector, enumeration: the typedef's
    target: "Type | None" = None
    count: "int | None" = 0       # None: a flexible array
    fields: list = dataclasses.field(default_factory=list)
    union: bool = False
    packed: bool = False
    pack: int = 0
    alignment: int = 0
    language: str = "c"
    negative: bool = False        # of an enumeration; a _BitInt that is unsigned; a member pointer to a function
    trivial_abi: bool = False     # [[clang::trivial_abi]]
    bases: list = dataclasses.field(default_factory=list)    # C++
    members: str = ""             # what else is in the braces: C++
    words: list = dataclasses.field(default_factory=list)    # the same in the textual form: behind the name
    lines: list = dataclasses.field(default_factory=list)    # and between the braces

    @property
    def is_float(self):
        return self.kind == "scalar" and self.name in FLOATS

    def c(self):
        """As the type of a cast."""
        if self.kind == "bit_int":
            return f"{'ub' if self.negative else 'b'}{self.count}"
        if self.kind == "scalar":
            return SCALARS[self.name]
        if self.kind == "pointer":
            return "void*"
        if self.kind == "complex":
            return f"_Complex {SCALARS[self.target.name]}"
        if self.kind == "atomic":
            return f"_Atomic({self.target.c()})"
        return self.name


@dataclasses.dataclass(eq=False)
class Field:
    name: str
    type: Type
    width: "int | None" = None
    alignment: int = 0
    packed: bool = False
    no_unique_address: bool = False
    private: bool = False
    anonymous: bool = False       # a struct or union without a name, whose members are the record's


@dataclasses.dataclass(eq=False)
class Signature:
    number: int
    parameters: list
    result: "Type | None"
    named: "int | None" = None
    prototyped: bool = True
    convention: str = ""          # by attribute
    receiver: "Type | None" = None
    arrives: list = dataclasses.field(default_factory=list)   # the parameters' types after the promotions

    def __str__(self):
        names = [describe(p) for p in self.parameters]
        if self.named is not None:
            names.insert(self.named, "...")
        this = f"{describe(self.receiver)}::" if self.receiver else ""
        return f"{describe(self.result) if self.result else 'void'} {this}f({', '.join(names)}) {self.convention}"


def describe(type_, depth=0):
    """A type in one line, for the report of a difference."""
    if type_.kind != "record" or depth > 3:
        base = type_.c() if type_.kind != "array" else f"{describe(type_.target, depth + 1)}[{type_.count}]"
        if type_.kind == "vector":
            base += f"({describe(type_.target)} x {type_.count})"
        return base
    inner = "; ".join(describe(f.type, depth + 1) + (f" {f.name}:{f.width}" if f.width is not None else "") +
                      (f" aligned({f.alignment})" if f.alignment else "") + (" packed" if f.packed else "") + (" private" if f.private else "") for f in type_.fields)
    words = ("packed " if type_.packed else "") + (f"aligned({type_.alignment}) " if type_.alignment else "") + ("union" if type_.union else "struct")
    if type_.pack:
        words = f"pack({type_.pack}) " + words
    if type_.bases:
        words += " : " + ", ".join(describe(base, depth + 1) for base in type_.bases)
    return f"{words} {{{inner}}}{' ' + type_.members if type_.members else ''}"


SHORT = {
    "signed char": "schar", "unsigned char": "uchar", "unsigned short": "ushort", "unsigned int": "uint", "unsigned long": "ulong",
    "long long": "llong", "unsigned long long": "ullong", "__int128": "int128", "unsigned __int128": "uint128", "_Float16": "half",
    "long double": "ldouble", "__float128": "float128",
}


class Declarations:
    """The declarations of all types that are asked for, each once, in C and in the form of tests/support/type_text.h."""

    def __init__(self):
        self.text = []
        self.lines = []
        self._done = set()
        self._inside = set()      # anonymous ones, declared where they are

    def use(self, type_):
        """Declares what the type needs; its name in the textual form."""
        if type_.kind == "scalar":
            return SHORT.get(type_.name, type_.name)
        if type_.kind == "pointer":
            return "ptr"
        if type_.kind in ("complex", "atomic"):
            return f"{type_.kind}({self.use(type_.target)})"
        if type_.kind == "bit_int":
            if type_.c() not in self._done:
                self._done.add(type_.c())
                self.text.append(f"typedef {'unsigned ' * type_.negative}_BitInt({type_.count}) {type_.c()};")
            return f"{'u' * type_.negative}bitint({type_.count})"
        if type_.kind == "array":
            return f"flexible({self.use(type_.target)})" if type_.count is None else f"array({type_.count},{self.use(type_.target)})"
        if type_.kind == "vector":
            text = f"vector({type_.count},{self.use(type_.target)})"
        elif type_.kind == "member_pointer":
            text = f"{'function' if type_.negative else 'data'}_member({self.use(type_.target)})"
        else:
            text = type_.name
        if type_.name in self._done:
            return text
        if type_.kind == "enumeration":
            self.lines.append(f"enum {type_.name} {'-1' if type_.negative else '0'} 1000")
        elif type_.kind == "record":
            words = ["union" if type_.union else "struct", type_.name, type_.language]
            words += ["trivial_abi"] * type_.trivial_abi + [f"align={type_.alignment}"] * bool(type_.alignment) + [f"pack={type_.pack}"] * bool(type_.pack) + ["packed"] * type_.packed + type_.words
            inner = [f"base {self.use(base)}" for base in type_.bases] + [self._field(f) for f in type_.fields] + type_.lines
            self.lines += [" ".join(words), *inner, "end"]
        if type_ not in self._inside:
            self._declare(type_)
        self._done.add(type_.name)
        return text

    def _field(self, field):
        if field.anonymous:
            self._inside.add(field.type)
        words = ["field", field.name or "-", self.use(field.type)]
        words += [f"bits={field.width}"] * (field.width is not None) + [f"align={field.alignment}"] * bool(field.alignment)
        words += ["packed"] * field.packed + ["nua"] * field.no_unique_address + ["private"] * field.private
        return " ".join(words)

    def _declare(self, type_):
        if type_.kind == "vector":
            self.text.append(f"typedef {type_.target.c()} {type_.name} __attribute__((vector_size(sizeof({type_.target.c()}) * {type_.count})));")
        elif type_.kind == "member_pointer":
            target = type_.target.name
            self.text.append(f"typedef void ({target}::*{type_.name})();" if type_.negative else f"typedef int {target}::*{type_.name};")
        elif type_.kind == "enumeration":
            self.text.append(f"typedef enum {{ {type_.name}_a = {'-1' if type_.negative else '0'}, {type_.name}_b = 1000 }} {type_.name};")
        elif type_.kind == "record":
            words = ["union" if type_.union else "struct"]
            attributes = ["packed"] * type_.packed + [f"aligned({type_.alignment})"] * bool(type_.alignment) + ["trivial_abi"] * type_.trivial_abi
            if attributes:
                words.append(f"__attribute__(({', '.join(attributes)}))")
            body = " ".join(self._member(f) for f in type_.fields)
            bases = ", ".join(base.name for base in type_.bases)
            text = f"{' '.join(words)} {type_.name}{' : ' + bases if bases else ''} {{ {body} {type_.members} }};"
            if type_.language == "c":
                text += f" typedef {'union' if type_.union else 'struct'} {type_.name} {type_.name};"
            if type_.pack:
                text = f"#pragma pack(push, {type_.pack})\n{text}\n#pragma pack(pop)"
            self.text.append(text)

    @staticmethod
    def _member(field):
        if field.anonymous:
            return f"{'union' if field.type.union else 'struct'} {{ {' '.join(map(Declarations._member, field.type.fields))} }};"
        base, suffix = field.type, ""
        while base.kind == "array":
            suffix += f"[{'' if base.count is None else base.count}]"
            base = base.target
        attributes = (["packed"] if field.packed else []) + ([f"aligned({field.alignment})"] if field.alignment else [])
        attribute = f" __attribute__(({', '.join(attributes)}))" if attributes else ""
        width = f" : {field.width}" if field.width is not None else ""
        first = "[[no_unique_address]] " if field.no_unique_address else ""
        text = f"{first}{base.c()} {field.name}{suffix}{width}{attribute};"
        return f"private: {text} public:" if field.private else text


def leaves(type_, path=""):
    """(expression after the object's name, type, is a bit-field) of every scalar, vector and complex that can be assigned to."""
    if type_.kind == "record":
        for base in type_.bases:
            yield from leaves(base, path)
        for field in type_.fields:
            if field.width is not None:
                if field.name and field.width:
                    yield f"{path}.{field.name}", field.type, True
            else:
                yield from leaves(field.type, path if field.anonymous else f"{path}.{field.name}")
    elif type_.kind == "array":
        for i in range(type_.count or 0):
            yield from leaves(type_.target, f"{path}[{i}]")
    else:
        yield path, type_, False
