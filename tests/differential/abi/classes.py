"""The part of generate.py for C++: classes with bases, virtual functions, special members, access, empty classes."""
import generate

SPECIAL = {   # name -> how C++ declares it, {name} being the class
    "default_constructor": "{name}()", "copy_constructor": "{name}(const {name} &)", "move_constructor": "{name}({name} &&)",
    "copy_assignment": "{name} &operator=(const {name} &)", "move_assignment": "{name} &operator=({name} &&)", "destructor": "~{name}()",
}


class ClassGenerator:
    def __init__(self, generator):
        self.g = generator
        self.random = generator.random
        self.target = generator.target
        self.classes = []       # what may be a base: (name, names of its virtual functions)
        self.empties = []

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def make(self):
        roll = self.random.randrange(100)
        if roll < 10:
            self.empty_class()
        elif roll < 18:
            self.union()
        else:
            self.class_()

    def empty_class(self):
        name = self.g.new_name("C")
        codes, lines, words = [], [], []
        if self.chance(15):
            alignment = self.g.alignment()
            words.append(f"align={alignment}")
        if self.chance(25) and self.empties:
            base = self.random.choice(self.empties)
            self.finish("struct", name, words, [base], [], codes, lines, {base}, [], True)
            return
        self.special_members(name, codes, lines, 15)
        self.finish("struct", name, words, [], [], codes, lines, set(), [], True)

    def union(self):
        name = self.g.new_name("U")
        _, _, _, words = self.g.record_head(True)
        codes, lines, uses, fields = [], [], set(), []
        self.special_members(name, codes, lines, 10)
        access, hold = "public", []
        for index in range(self.random.choice([1, 1, 2, 3, 4])):
            if self.chance(8):
                access = self.random.choice(["private", "public"])
                codes.append(access + ":")
            # Named apart from those of its bases: g++ holds their attributes against each other (docs/abi/layout.md).
            self.add_member(f"{name[1:]}_{index}", access, codes, lines, uses, fields, hold)
        self.finish("union", name, [w for w in words if not w.startswith("style")], [], [], codes, lines, uses, fields, False, hold)

    def add_member(self, index, access, codes, lines, uses, fields, hold):
        flag = "" if access == "public" else " " + access
        if self.g.with_anonymous and self.chance(5):
            hold.append(self.g.anonymous(index))
            codes.append(hold[-1][0])
            lines.append(f"  field - {hold[-1][1]}{flag}")
            return
        made = self.member(index)
        codes.append(made[0])
        lines.append("  " + made[1] + flag)
        uses.add(made[2])
        if made[3]:
            fields.append(made[3])

    def special_members(self, name, codes, lines, percent):
        if not self.chance(percent):
            return
        for which in self.random.sample(list(SPECIAL), self.random.choice([1, 1, 2, 3])):
            how = self.random.choice(["defaulted", "defaulted", "user_provided", "deleted"])
            if which == "destructor" and how == "deleted":
                continue
            end = {"defaulted": " = default;", "deleted": " = delete;", "user_provided": ";"}[how]
            codes.append(SPECIAL[which].format(name=name) + end)
            lines.append(f"  special {which} {how}")
        if self.chance(15):
            codes.append(f"{name}(int, int);")
            lines.append("  constructor")

    def class_type(self):
        """A class as member, often an empty one."""
        if self.empties and self.chance(45):
            name = self.random.choice(self.empties)
        elif self.classes:
            name = self.random.choice(self.classes)[0]
        else:
            return self.g.scalar()
        return generate.Usable(name, name, name=name, record=True)

    def member(self, index):
        name = f"f{index}"
        if self.chance(25):
            kind = self.class_type()
            attributes, words = "", []
            if kind.record and self.chance(35):
                microsoft = self.target.microsoft and self.chance(60)
                attributes = "[[msvc::no_unique_address]] " if microsoft else "[[no_unique_address]] "
                words.append("mnua" if microsoft else "nua")
            elif self.chance(20):
                kind = self.g.array(kind)
            return f"{attributes}{kind.before} {name}{kind.behind};", " ".join([f"field {name} {kind.text}", *words]), kind.name, (name, False, False)
        if self.chance(4):
            return f"int &{name};", f"field {name} ref", "", (name, False, False)
        if self.chance(4) and self.classes:
            owner = self.random.choice(self.classes)[0]
            if self.chance(50):
                return f"int {owner}::*{name};", f"field {name} data_member({owner})", owner, (name, False, False)
            return f"void ({owner}::*{name})();", f"field {name} function_member({owner})", owner, (name, False, False)
        made = self.g.member(index, wide=(self.target.gcc or not self.target.windows) and self.chance(25))
        if len(made) == 4 and made[3] and self.target.standard >= 20 and self.chance(6):   # a bit-field
            return made[0].replace(";", " = 1;"), made[1] + " init", made[2], made[3]
        if len(made) == 5 and made[4].text in ("int", "char", "long", "double", "short") and self.chance(6):
            return made[0].replace(";", " = 1;"), made[1] + " init", made[2], made[3]
        return made[:4]

    def class_(self):
        name = self.g.new_name("C")
        is_class = self.chance(10)
        _, _, _, words = self.g.record_head(False)
        bases, virtual = self.pick_bases()
        codes, lines, uses, fields = [], [], set(bases) | set(virtual), []
        self.special_members(name, codes, lines, 30)
        functions = []
        if self.chance(25):
            for function in self.random.sample(["v0", "v1", "v2", "v3"], self.random.choice([1, 1, 2])):
                functions.append(function)
                end = self.random.choice([";", ";", " final;", " = 0;"])
                codes.append(f"virtual void {function}()" + end)
                lines.append(f"  virtual {function}" + (" pure" if "= 0" in end else ""))
        if self.chance(8) and not any("destructor" in line for line in lines):
            codes.append(f"virtual ~{name}();")
            lines += ["  virtual ~", "  special destructor user_provided"]
        access, hold = "private" if is_class else "public", []
        for index in range(self.random.choice([0, 0, 1, 1, 1, 2, 2, 3, 4, 5])):
            if self.chance(7):
                access = self.random.choice(["private", "protected", "public"])
                codes.append(access + ":")
            # Named apart from those of its bases: g++ holds their attributes against each other (docs/abi/layout.md).
            self.add_member(f"{name[1:]}_{index}", access, codes, lines, uses, fields, hold)
        flexible = bool(fields) and self.chance(3)
        if flexible:
            kind = self.g.scalar()
            codes.append(f"{kind.before} tail[];")
            lines.append(f"  field tail flexible({kind.text})" + ("" if access == "public" else " " + access))
            fields.append(("tail", False, False))
        if self.target.microsoft and self.chance(5):
            words.append("empty_bases")
        self.finish("class" if is_class else "struct", name, [w for w in words if not w.startswith("style")], bases, virtual, codes, lines, uses, fields,
                    not (bases or virtual or functions or fields or hold), hold, flexible)

    def pick_bases(self):
        plain, virtual = [], []
        if not self.chance(55):
            return plain, virtual
        pool = [name for name, _ in self.classes[-25:]] + self.empties[-10:]
        for name in self.random.sample(pool, min(len(pool), self.random.choice([1, 1, 1, 2, 2, 3]))):
            (virtual if self.chance(22) else plain).append(name)
        return plain, virtual

    def finish(self, head, name, words, bases, virtual, codes, lines, uses, fields, empty, hold=(), flexible=False):
        pack = next((word[5:] for word in words if word.startswith("pack=")), None)
        attributes = []
        for word in words:
            if word == "packed":
                attributes.append("packed")
            elif word.startswith("align="):
                attributes.append(f"aligned({word[6:]})")
        before, text = self.g.spelled(attributes)
        text = f" {before.rstrip()}" if before else text
        if "empty_bases" in words:
            text += " __declspec(empty_bases)"
        listed = [("public ", base, "") for base in bases] + [("public virtual ", base, " virtual") for base in virtual]
        self.random.shuffle(listed)
        heritage = " : " + ", ".join(access + base for access, base, _ in listed) if listed else ""
        base_lines = [f"  base {base}{flag}" for _, base, flag in listed]
        before, after = (f'_Pragma("pack(push,{pack})") ', ' _Pragma("pack(pop)")') if pack else ("", "")
        final = head != "union" and self.chance(4)
        code = f"{before}{head}{text} {name}{' final' if final else ''}{heritage} {{ {' '.join(codes)} }};{after}"
        our = [" ".join([head, name, "cxx", *words]), *base_lines, *lines, "end"]
        declaration = generate.Declaration(name, code, our, uses - {""}, True, fields)
        for made in hold:
            self.g.add_anonymous(made, declaration, pack)
        self.g.made.append(declaration)
        if flexible:
            return
        if head == "union":
            self.g.records.append(generate.Usable(name, name, name=name, record=True, can_be_element=not words))
            return
        if final:
            pass   # nobody's base
        elif empty:
            self.empties.append(name)
        else:
            self.classes.append((name, []))
        self.g.records.append(generate.Usable(name, name, name=name, record=True, can_be_element=not (words and self.target.microsoft)))
