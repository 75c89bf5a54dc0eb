"""Generates signatures of C for the calling-convention test, by seed."""
from calls_types import Field, Signature, Type

SMALL = ["bool", "char", "signed char", "unsigned char", "short", "unsigned short"]
INTEGERS = ["int", "unsigned int", "long", "unsigned long", "long long", "unsigned long long"]
PROMOTED = {"bool": "int", "char": "int", "signed char": "int", "unsigned char": "int", "short": "int", "unsigned short": "int", "float": "double"}


class Generator:
    """`features`: wide (128-bit integers), half, float128, vectors (sizes in bytes), complex, bit_fields, packed, aligned, empty,
    bit_int (widest), anonymous, empty_arrays, trivial_abi (C++)."""

    def __init__(self, random, features, language="c", variadic=True, first_pointer=False):
        self.random = random
        self.features = features
        self.language = language
        self.variadic = variadic
        self.first_pointer = first_pointer
        self.count = 0

    def name(self, letter):
        self.count += 1
        return f"{letter}{self.count}"

    def chance(self, probability):
        return self.random.random() < probability

    def scalar(self, in_record=False):
        kinds = [("int", 30), ("small", 20), ("float", 12), ("double", 14), ("pointer", 8), ("enumeration", 3)]
        kinds += [("long double", 4)]
        kinds += [("wide", 5)] if "wide" in self.features else []
        kinds += [("half", 3)] if "half" in self.features else []
        kinds += [("float128", 2)] if "float128" in self.features else []
        kinds += [("bit_int", 4)] if "bit_int" in self.features else []
        kind = self.random.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
        if kind == "int":
            return Type("scalar", self.random.choice(INTEGERS))
        if kind == "small":
            return Type("scalar", self.random.choice(SMALL))
        if kind == "pointer":
            return Type("pointer")
        if kind == "enumeration":
            return Type("enumeration", self.name("e"), negative=self.chance(0.5), language=self.language)
        if kind == "bit_int":
            widths = [n for n in (2, 7, 8, 13, 24, 33, 48, 64, 65, 100, 128, 129, 200, 256) if n <= self.features["bit_int"]]
            return Type("bit_int", count=self.random.choice(widths), negative=self.chance(0.5))
        if kind == "wide":
            return Type("scalar", self.random.choice(["__int128", "unsigned __int128"]))
        return Type("scalar", {"half": "_Float16", "float128": "__float128"}.get(kind, kind))

    def vector(self):
        element = self.random.choice(["int", "float", "double", "signed char", "short", "long long"])
        size = self.random.choice(self.features["vectors"])
        width = {"int": 4, "float": 4, "double": 8, "signed char": 1, "short": 2, "long long": 8}[element]
        return Type("vector", self.name("v"), Type("scalar", element), max(1, size // width))

    def complex(self):
        integers = ["char", "short", "int", "long long"] if self.chance(0.3) else []   # of GNU
        return Type("complex", target=Type("scalar", self.random.choice(integers or ["float", "double", "double", "long double"])))

    def homogeneous(self):
        """A record of one floating type: what many conventions treat in a way of its own."""
        choices = ["float", "double", "float", "double", "long double"] + (["_Float16"] if "half" in self.features else [])
        element = Type("scalar", self.random.choice(choices))
        if "vectors" in self.features and self.chance(0.2):
            element = self.vector()
        fields = []
        for i in range(self.random.choice([1, 1, 2, 2, 3, 4, 5])):
            shape = self.random.random()
            if shape < 0.6:
                fields.append(Field(f"f{i}", element))
            elif shape < 0.8:
                fields.append(Field(f"f{i}", Type("array", target=element, count=self.random.choice([1, 2, 2, 3]))))
            elif shape < 0.9 and element.kind == "scalar" and element.name in ("float", "double", "long double") and "complex" in self.features:
                fields.append(Field(f"f{i}", Type("complex", target=element)))
            else:
                inner = Type("record", self.name("s"), fields=[Field("x", element)], union=self.chance(0.3), language=self.language)
                if inner.union:
                    inner.fields.append(Field("y", Type("array", target=element, count=self.random.choice([1, 2]))))
                fields.append(Field(f"f{i}", inner))
        return Type("record", self.name("s"), fields=fields, union=self.chance(0.1), language=self.language)

    def member(self, depth):
        shape = self.random.random()
        if shape < 0.62 or depth >= 3:
            type_ = self.scalar(True)
        elif shape < 0.78:
            element = self.scalar(True) if self.chance(0.8) else self.record(depth + 1)
            type_ = Type("array", target=element, count=self.random.choice([1, 1, 2, 2, 3, 4, 7]))
        elif shape < 0.92:
            type_ = self.record(depth + 1)
        elif shape < 0.96 and "vectors" in self.features:
            type_ = self.vector()
        elif shape < 0.975 and self.language == "c":
            type_ = Type("atomic", target=Type("scalar", self.random.choice(["char", "short", "int", "long long", "float", "double"])))
        elif "complex" in self.features:
            type_ = self.complex()
        else:
            type_ = self.scalar(True)
        return type_

    def bit_field(self, number):
        name = self.random.choice(["int", "unsigned int", "unsigned char", "short", "long long", "bool", "unsigned long"])
        limit = {"int": 32, "unsigned int": 32, "unsigned char": 8, "short": 16, "long long": 64, "bool": 1, "unsigned long": 32}[name]
        shape = self.random.random()
        if shape < 0.08:
            return Field("", Type("scalar", name), 0)
        if shape < 0.16:
            return Field("", Type("scalar", name), self.random.randint(1, limit))
        return Field(f"f{number}", Type("scalar", name), self.random.randint(1, limit))

    def empty_arrays(self, record, depth):
        """A member `x[0]` anywhere, or `x[]` at the end of a struct that nothing holds."""
        if "empty_arrays" not in self.features or all(not f.name for f in record.fields):
            return
        element = self.random.choice([f.type for f in record.fields if f.name]) if self.chance(0.5) else self.member(3)
        while element.kind == "array":
            element = element.target
        if self.chance(0.08):
            record.fields.insert(self.random.randint(0, len(record.fields)), Field("none", Type("array", target=element, count=0)))
        elif self.chance(0.06) and depth == 0 and not record.union:
            record.fields.append(Field("rest", Type("array", target=element, count=None)))

    def record(self, depth=0):
        if self.chance(0.25):
            record = self.homogeneous()
            self.empty_arrays(record, depth)
            return record
        if "empty" in self.features and self.chance(0.04):
            return Type("record", self.name("s"), language=self.language)
        out = Type("record", self.name("s"), union=self.chance(0.12), language=self.language)
        bit_fields = "bit_fields" in self.features and self.chance(0.35 if out.union else 0.15)
        for i in range(self.random.choice([1, 1, 2, 2, 2, 3, 3, 4, 6])):
            field = self.bit_field(i) if bit_fields and self.chance(0.7) else Field(f"f{i}", self.member(depth))
            if field.width is None and "aligned" in self.features and self.chance(0.04):
                field.alignment = self.random.choice([2, 4, 8, 16])
            out.fields.append(field)
        if "anonymous" in self.features and self.chance(0.06):
            inner = Type("record", self.name("s"), union=self.chance(0.5), language=self.language)
            for i in range(self.random.choice([1, 2, 2, 3])):
                inner.fields.append(Field(f"n{i}", self.scalar(True) if self.chance(0.7) else Type("array", target=self.scalar(True), count=self.random.choice([1, 2, 3]))))
            out.fields.insert(self.random.randint(0, len(out.fields)), Field("", inner, anonymous=True))
        if all(not f.name for f in out.fields):
            out.fields.append(Field("last", Type("scalar", "char")))
        self.empty_arrays(out, depth)
        if "packed" in self.features and self.chance(0.08):
            out.packed = True
        elif self.chance(0.05):
            out.pack = self.random.choice([1, 2, 4])
            for field in out.fields:
                if field.anonymous:   # the pragma is in force where it is defined
                    field.type.pack = out.pack
        if "aligned" in self.features and self.chance(0.06):
            out.alignment = self.random.choice([8, 16, 16, 32])
        return out

    def parameter(self):
        """A type that fits into the places the test has for arguments."""
        while True:
            type_ = self.any_parameter()
            if upper_bound(type_) <= 800:
                return type_

    def any_parameter(self):
        shape = self.random.random()
        if shape < 0.5:
            return self.scalar()
        if shape < 0.9:
            return self.record()
        if shape < 0.95 and "vectors" in self.features:
            return self.vector()
        if "complex" in self.features:
            return self.complex()
        return self.scalar()

    def signature(self, number, convention=""):
        count = self.random.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 14])
        parameters = [self.parameter() for _ in range(count)]
        if count > 2 and self.chance(0.4):   # one type many times: registers run out
            parameters = [self.random.choice(parameters[:2]) for _ in parameters]
        if self.first_pointer:
            parameters = [Type("pointer"), *parameters]
        result = None if self.chance(0.15) else self.parameter()
        out = Signature(number, parameters, result, convention=convention)
        if self.variadic and count > 1 and self.chance(0.3):
            out.named = self.random.randint(1, count - 1)
        out.arrives = [promoted(p) if out.named is not None and i >= out.named else p for i, p in enumerate(parameters)]
        return out


def promoted(type_):
    return Type("scalar", PROMOTED.get(type_.name, type_.name)) if type_.kind == "scalar" else type_


def upper_bound(type_):
    """Bytes that no compiler exceeds."""
    if type_.kind == "array":
        return upper_bound(type_.target) * (type_.count or 0)
    if type_.kind == "vector":
        return type_.count * 16
    if type_.kind == "record":
        bases = sum(upper_bound(base) + 32 for base in type_.bases)
        return sum(upper_bound(f.type) + 32 + f.alignment for f in type_.fields) + bases + type_.alignment + 8
    return 32


class CxxGenerator(Generator):
    """Classes: bases, empty ones, special member functions of every kind, member functions that return them. No `...`: what a class does there
    is up to the compiler."""

    def __init__(self, random, features):
        super().__init__(random, features, "cxx", variadic=False)
        self.fields = 0

    def signature(self, number, convention=""):
        out = super().signature(number, convention)
        if self.chance(0.3):
            out.receiver = Type("record", self.name("m"), fields=[Field("x", Type("scalar", "int"))], language="cxx")
        return out

    def record(self, depth=0):
        out = super().record(depth)
        for field in [*out.fields, *(inner for f in out.fields if f.anonymous for inner in f.type.fields)]:
            if field.name:
                self.fields += 1
                field.name = f"g{self.fields}"
        if out.union:
            _make_plain(out)
        if out.packed or out.pack:
            for field in out.fields:   # the copy constructor of one that is not aligned dies of it
                if _holds(field.type, lambda held: held.kind == "vector" or held.name == "__float128"):
                    _make_plain(field.type)
        self._keep_copyable(out)
        if out.union or out.packed:
            return out
        if self.chance(0.2) and depth < 3:
            base = self.record(depth + 1)
            if not base.union:
                out.bases.append(base)
                self._keep_copyable(out)
        if self.chance(0.15):
            self._special(out, depth)
            self._keep_copyable(out)
            out.trivial_abi = "trivial_abi" in self.features and self.chance(0.3)
        if self.chance(0.05) and out.fields:
            self._private(out)
        if self.chance(0.08):
            out.fields.insert(0, self._empty_member())
        return out

    @staticmethod
    def _keep_copyable(record):
        """g++ makes no constructor of a class with a flexible array."""
        flexible = bool(record.fields) and record.fields[-1].type.kind == "array" and record.fields[-1].type.count is None
        if flexible and (record.members or any(_is_made(held) for held in [*record.bases, *(field.type for field in record.fields)])):
            record.fields.pop()

    def scalar(self, in_record=False):
        if self.chance(0.04):
            target = self.record(2)
            if not target.union:
                return Type("member_pointer", self.name("p"), target, negative=self.chance(0.5))
        return super().scalar(in_record)

    def _empty_member(self):
        self.fields += 1
        return Field(f"g{self.fields}", Type("record", self.name("s"), language="cxx"), no_unique_address=self.chance(0.5))

    def _private(self, record):
        last = record.fields[-1]
        if last.name and last.width is None:
            last.private = True

    def _special(self, record, depth):
        name = record.name
        texts = {
            "copy_constructor": {"user_provided": f"{name}(const {name}& o) {{ __builtin_memcpy((void*)this, (const void*)&o, sizeof *this); }}",
                                 "defaulted": f"{name}(const {name}&) = default;", "deleted": f"{name}(const {name}&) = delete; {name}({name}&&) = default;"},
            "move_constructor": {"user_provided": f"{name}({name}&& o) {{ __builtin_memcpy((void*)this, (const void*)&o, sizeof *this); }}", "defaulted": f"{name}({name}&&) = default;"},
            "destructor": {"user_provided": f"~{name}() {{}}", "defaulted": f"~{name}() = default;"},
            "copy_assignment": {"user_provided": f"{name}& operator=(const {name}&) {{ return *this; }}", "defaulted": f"{name}& operator=(const {name}&) = default;"},
        }
        if depth > 0:   # what holds it must stay something that can be passed
            del texts["move_constructor"], texts["copy_constructor"]["deleted"]
        which = self.random.choice(list(texts))
        how = self.random.choice(list(texts[which]))
        if which == "copy_assignment":   # a copy constructor that stays usable
            record.members += f"{name}(const {name}&) = default; "
            record.lines.append("special copy_constructor defaulted")
        record.members += f"{name}() = default; {texts[which][how]} "
        record.lines += ["special default_constructor defaulted", f"special {which} {how}"]
        if how == "deleted":
            record.lines.append("special move_constructor defaulted")
        if self.chance(0.2):
            record.members += f"{name}(int, int, int) {{}} "
            record.lines.append("constructor")
        if self.chance(0.15):
            record.members += "virtual void v() {} "
            record.lines.append("virtual v()")


def _holds(type_, is_wanted):
    """Whether it, or something in it, is of a kind."""
    return is_wanted(type_) or any(_holds(held, is_wanted) for held in [*type_.bases, *(field.type for field in type_.fields), *([type_.target] if type_.target else [])])


def _is_made(type_):
    """Whether something in it is a class with functions of its own."""
    return _holds(type_, lambda held: bool(held.members))


def _make_plain(type_):
    """Members of a union do nothing of their own."""
    type_.members, type_.lines, type_.trivial_abi = "", [], False
    for inner in [*type_.bases, *(field.type for field in type_.fields), *([type_.target] if type_.target else [])]:
        _make_plain(inner)
