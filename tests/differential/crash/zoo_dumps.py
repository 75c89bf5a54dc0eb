"""Dumps of crash_zoo.py that no program makes: what this machine cannot do to one."""
import small_core

MOV, PLACE = b"\x8b\x07", 0x7F0000001000   # mov eax, [rdi]


def made_dumps():
    """What this machine cannot do to a program: name, dump, rule (None: cannot tell), facts, title."""
    def x86(code, key=None, signal_number=11, address=PLACE + 8):
        core = small_core.crash(MOV, {"rdi": PLACE + 8}, signal=(signal_number, code, address))
        if key is not None:
            core.protection_key(key)
        return core.load(PLACE, bytes(4096), small_core.READ | small_core.WRITE)

    def arm64(code, address):
        core = small_core.crash(bytes.fromhex("000040b9"), {"x0": PLACE + 8}, signal=(11, code, address), machine=small_core.AARCH64)   # ldr w0, [x0]
        return core.load(PLACE, bytes(4096), small_core.READ | small_core.WRITE)

    def arm64_trap(word):
        return small_core.crash(word.to_bytes(4, "little"), {}, signal=(5, 1, small_core.CODE), machine=small_core.AARCH64)

    return [
        ("bus.hardware", x86(3, signal_number=7), "CRASH-HARDWARE-CHECK", ("BUS_OBJERR",), ("a hardware error",)),
        ("bus.poisoned", x86(4, signal_number=7), "CRASH-HARDWARE-CHECK", ("BUS_MCEERR_AR", "mov eax"), ("the memory is broken",)),
        ("bus.noticed", x86(5, signal_number=7), "CRASH-HARDWARE-CHECK", ("BUS_MCEERR_AO", "not to blame"), ("noticed before it was used",)),
        ("key.no_access", x86(4, key=5), "CRASH-HARDWARE-CHECK", ("SEGV_PKUERR", "protection key 5"), ("the protection key",)),
        ("shadow_stack", x86(10, address=0), "CRASH-HARDWARE-CHECK", ("SEGV_CPERR",), ("control flow left its track",)),
        ("bounds", x86(3), "CRASH-HARDWARE-CHECK", ("SEGV_BNDERR",), ("a bound check",)),
        ("tag.here", arm64(9, PLACE + 8), "CRASH-HARDWARE-CHECK", ("SEGV_MTESERR", "ldr w0"), ("a memory tag",)),
        ("tag.later", arm64(8, 0), "CRASH-HARDWARE-CHECK", ("SEGV_MTEAERR", "not to blame"), ("a memory tag",)),
        # The same access, where the mapping allows it: what the code says is not what the dump shows.
        ("key.none", x86(2), None, (), ()),
        # arm64's traps: clang's with the number of a check, __builtin_trap(), and one whose number no check has.
        ("brk.check", arm64_trap(0xD42AA280), "CRASH-SANITIZER-TRAP", ("shift_out_of_bounds",), ("a shift",)),
        ("brk.plain", arm64_trap(0xD4200020), "CRASH-DELIBERATE-TRAP", ("brk",), ()),
        ("brk.unknown", arm64_trap(0xD42ABEE0), "CRASH-DELIBERATE-TRAP", ("brk",), ()),
    ]
