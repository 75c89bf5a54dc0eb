"""A library that calls itself libc.so.6, and what the loader wants of it (elf/dl-call-libc-early-init.c, sysdeps/nptl/dl-mutex.c)."""
import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()
WANT = "int x_f(void);"
MALLOC, MUTEX, EARLY = ("malloc", "calloc", "free", "realloc"), ("pthread_mutex_lock", "pthread_mutex_unlock"), ("__libc_early_init",)
BODIES = {   # since 2.41 the loader fetches memory before it looks for __libc_early_init
    "malloc": "static char memory[1 << 16]; static long used; void *malloc(long size) { used += size + 15 & ~15L; return memory + used - (size + 15 & ~15L); }",
    "calloc": "void *malloc(long); void *calloc(long count, long size) { return malloc(count * size); }",
    "realloc": "void *realloc(void *old, long size) { return malloc(size); }",
}
LOADER = ("ld-linux-x86-64.so.2",)


def start(b, old=(), private=(), needed=(), soname=None):
    """`old` are functions of the oldest version, `private` of GLIBC_PRIVATE."""
    code = "int x_f(void) { return 1; }" + "".join(BODIES.get(name, f"void {name}(void) {{}}") for name in (*old, *private))
    script = f"GLIBC_2.2.5 {{ {''.join(name + ';' for name in ('x_f', *old))} }};"
    if private:
        script += f"GLIBC_PRIVATE {{ {''.join(name + ';' for name in private)} }};"
    stub = ("libc.so.6", "int x_f(void) { return 1; }", "GLIBC_2.2.5 { x_f; };")
    b.lib("/a/libc.so.6", code, script=script, needed=needed, soname=soname, cflags=["-fno-builtin"])
    b.prog(WANT, "x_f()", needed=[stub], runpath="/a")


@case
def libc_without_early_init(b):
    start(b, MALLOC + MUTEX, (), LOADER)
    b.expect(127, v2_31=0)


@case
def libc_without_anything(b):
    start(b)
    b.expect(127, v2_31=0)


@case
def libc_that_does_not_need_the_loader(b):
    start(b, MALLOC + MUTEX, EARLY)
    b.expect(127, v2_31=0, v2_36=0)
    b.cannot_tell("nobody needs the loader", "2.41", "2.43")


@case
def libc_with_early_init_of_another_version(b):
    start(b, MALLOC + MUTEX + EARLY, (), LOADER)
    b.expect(127, v2_31=0)


@case
def libc_of_another_name(b):
    start(b, soname="libc.so")


@case
def libc_without_mutexes(b):
    start(b, (), EARLY)
    b.expect(127, v2_31=0, v2_36=0)


@case
def libc_without_unlocking(b):
    start(b, MUTEX[:1], EARLY)
    b.expect(127, v2_31=0, v2_36=0)


@case
def libc_without_mutexes_where_the_loader_is_needed(b):
    start(b, MALLOC, EARLY, LOADER)
    b.expect(127, v2_31=0)


@case
def libc_without_unlocking_where_the_loader_is_needed(b):
    start(b, MALLOC + MUTEX[:1], EARLY, LOADER)
    b.expect(127, v2_31=0)


@case
def libc_with_all_where_the_loader_is_needed(b):
    start(b, MALLOC + MUTEX, EARLY, LOADER)


@case
def libc_whose_filter_hides_early_init(b):
    """Where the loader looks in one library alone, it goes past the filter of DT_GNU_HASH."""
    start(b, (), EARLY)
    patch = Patch(b.root / "a/libc.so.6")
    table = patch.offset_of(patch.tag(0x6FFFFEF5)[1])
    patch.put(table + 16, 8 * patch.number(table + 8, 4), 0)
    patch.save()
    b.prog(runpath="/a", needed=["libc.so.6"])
    b.versions = ("2.36",)
    b.cannot_tell("whose hash table does not lead to it")
