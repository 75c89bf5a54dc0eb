#include "loader/musl_symbols.h"

#include <algorithm>

#include <fmt/format.h>

#include "bytes/limits.h"
#include "elf/spec.h"

namespace abiscope::loader::musl {

namespace {

// OK_TYPES and OK_BINDS of ldso/dynlink.c. Not among them: STT_GNU_IFUNC.
bool counts(const elf::Symbol& symbol, Need need) {
    std::uint8_t type = symbol.type(), binding = symbol.binding();
    if (!symbol.defined() && (need == Need::definition || type == elf::stt_tls)) return false;
    if (symbol.value == 0 && type != elf::stt_tls) return false;
    if (type != elf::stt_notype && type != elf::stt_object && type != elf::stt_func && type != elf::stt_common && type != elf::stt_tls)
        return false;
    return binding == elf::stb_global || binding == elf::stb_weak || binding == elf::stb_gnu_unique;
}

bool hidden(const Object& object, std::uint64_t index, Endian order) {
    if (index >= object.versym.size() / 2) return false;
    return (load<std::uint16_t>(object.versym.data() + 2 * index, order) & elf::versym_hidden) != 0;
}

// Whether the search ends in this object: found, or the process is no more.
bool look(Process& process, const Object& object, const elf::HashedName& name, Need need, Definition& out) {
    ++process.steps;
    if (object.lookup_fault != Fault::none) {
        process.die_at(object.lookup_fault, Stage::symbols, object, "musl looks a symbol up in an object whose hash table cannot be read",
                       0, "elf/dynamic");
        return true;
    }
    if (object.exports == nullptr) return false;
    const elf::SymbolTable& symbols = object.exports->symbols();
    Endian order = process.machine->encoding.order;
    std::uint64_t found = 0;
    auto visit = [&](std::uint64_t index) {
        if (hidden(object, index, order)) return false;
        found = index;
        return true;
    };
    bool any = object.exports->for_each(name, visit, &process.steps);
    if (process.steps > default_limits.steps) {
        process.give_up(Stage::symbols, object.name, "more steps in symbol tables than are simulated", {});
        return true;
    }
    if (!any) return false;
    elf::Symbol symbol = symbols.at(found);
    if (!counts(symbol, need)) return false;
    out = {&object, symbol, false};
    return true;
}

}  // namespace

Definition find(Process& process, std::size_t from, std::string_view name, Need need) {
    process.steps += name.size();
    elf::HashedName hashed(name);
    Definition out;
    const Object* opaque = nullptr;
    for (std::size_t i = from; i < process.chain.size(); ++i) {
        const Object& object = *process.chain[i];
        if (object.opaque() && opaque == nullptr) opaque = &object;
        if (look(process, object, hashed, need, out)) return out;
    }
    if (opaque != nullptr) out = {opaque, {}, true};
    return out;
}

Definition find_in(Process& process, const Object& object, std::string_view name, Need need) {
    process.steps += name.size();
    Definition out;
    (void)look(process, object, elf::HashedName(name), need, out);
    return out;
}

std::string_view plain_name_of_large_file_alias(std::string_view name) {
    // get_lfs64(), which gives up on names of more than 16 characters: posix_fallocate64 is in its list and never found.
    static constexpr std::string_view names[] = {
        "__fxstat",   "__fxstatat",  "__lxstat",      "__xstat",         "aio_cancel", "aio_error", "aio_fsync",  "aio_read",
        "aio_return", "aio_suspend", "aio_write",     "alphasort",       "creat",      "fallocate", "fgetpos",    "fopen",
        "freopen",    "fseeko",      "fsetpos",       "fstat",           "fstatat",    "fstatfs",   "fstatvfs",   "ftello",
        "ftruncate",  "ftw",         "getdents",      "getrlimit",       "glob",       "globfree",  "lio_listio", "lockf",
        "lseek",      "lstat",       "mkostemp",      "mkostemps",       "mkstemp",    "mkstemps",  "mmap",       "nftw",
        "open",       "openat",      "posix_fadvise", "posix_fallocate", "pread",      "preadv",    "prlimit",    "pwrite",
        "pwritev",    "readdir",     "scandir",       "sendfile",        "setrlimit",  "stat",      "statfs",     "statvfs",
        "tmpfile",    "truncate",    "versionsort",
    };
    static constexpr std::size_t longest = 16;
    if (name == "readdir64_r") return "readdir_r";
    if (name.size() > longest || !name.ends_with("64")) return {};
    std::string_view plain = name.substr(0, name.size() - 2);
    return std::ranges::find(names, plain) != std::end(names) ? plain : std::string_view();
}

}  // namespace abiscope::loader::musl
