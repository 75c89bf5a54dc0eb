"""Dumps of crash_zoo.py that no program makes: what this machine cannot do to one."""
import small_core

def made_dumps():
    """What this machine cannot do to a program: name, dump, rule (None: cannot tell), facts, title."""
    def arm64_trap(word):
        return small_core.crash(word.to_bytes(4, "little"), {}, signal=(5, 1, small_core.CODE), machine=small_core.AARCH64)

    return [
        # arm64's traps: clang's with the number of a check, __builtin_trap(), and one whose number no check has.
        ("brk.check", arm64_trap(0xD42AA280), "CRASH-SANITIZER-TRAP", ("shift_out_of_bounds",), ("a shift",)),
        ("brk.plain", arm64_trap(0xD4200020), "CRASH-DELIBERATE-TRAP", ("brk",), ()),
        ("brk.unknown", arm64_trap(0xD42ABEE0), "CRASH-DELIBERATE-TRAP", ("brk",), ()),
    ]
