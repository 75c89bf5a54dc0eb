"""/etc/ld-musl-ARCH.path, and the list that is built in."""
import named_cases

CASES, case = named_cases.registry()
NOBODY = 65534


@case
def path_file_by_prefix_of_the_interpreter(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/none\n{b.folder}/a\n")


@case
def path_file_split_by_colon(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/none:{b.folder}/a")


@case
def path_file_with_carriage_returns(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/none\r\n{b.folder}/a\r\n")
    b.expect(127)


@case
def path_file_with_a_comment(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"# my folders\n{b.folder}/a\n")


@case
def path_file_ends_at_nul(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/none\n".encode() + b"\0" + f"{b.folder}/a\n".encode())
    b.expect(127)


@case
def path_file_replaces_the_built_in_list(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/libx.so")])
    b.path_file("/elsewhere\n")
    b.expect(127)


@case
def path_file_empty(b):
    b.prog(needed=["libx.so"])
    b.path_file("")
    b.expect(127)


@case
def path_file_empty_keeps_an_old_errno(b):
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/none")
    b.path_file("\n\n")
    b.expect(127)


@case
def path_file_is_a_directory(b):
    b.prog(needed=["libx.so"])
    (b.root / "etc" / "ld-musl-x86_64.path").mkdir(parents=True)
    b.expect(127)


@case
def path_file_unreadable_for_an_ordinary_user(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/a").chmod(0o600)
    b.user = NOBODY
    b.expect(127)


@case
def path_file_parent_is_no_directory(b):
    b.prog(needed=["libx.so"])
    (b.root / "etc").write_text("a file")
    b.expect(127)


@case
def path_file_after_runpath(b):
    b.lib("conf/libx.so")
    b.prog(needed=[b.lib("run/libx.so")], runpath=f"{b.folder}/run")
    b.path_file(f"{b.folder}/conf")


@case
def path_file_of_another_architecture_is_ignored(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/a").rename(b.root / "etc" / "ld-musl-aarch64.path")
    b.expect(127)


@case
def built_in_lib(b):
    b.in_chroot()
    b.lib("usr/lib/libx.so")
    b.lib("usr/local/lib/libx.so")
    b.prog(needed=[b.lib("lib/libx.so")])


@case
def built_in_usr_local_lib_second(b):
    b.in_chroot()
    b.lib("usr/lib/libx.so")
    b.prog(needed=[b.lib("usr/local/lib/libx.so")])


@case
def built_in_usr_lib_last(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/libx.so")])


@case
def no_multiarch_directory(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/x86_64-linux-gnu/libx.so")])
    b.expect(127)


@case
def no_hwcaps(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/glibc-hwcaps/x86-64-v2/libx.so")])
    b.expect(127)


@case
def no_cache(b):
    b.in_chroot()
    b.prog(needed=[b.lib("opt/libx.so")])
    (b.root / "etc").mkdir(exist_ok=True)
    (b.root / "etc" / "ld.so.conf").write_text("/opt\n")
    b.expect(127)
