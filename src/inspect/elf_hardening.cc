#include "inspect/elf_hardening.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/checked.h"
#include "elf/sections.h"
#include "elf/symbols.h"

namespace abiscope::inspect {

namespace {

Hardening item(std::string key, std::string label, HardeningState state, std::string value, std::string because) {
    return {std::move(key), std::move(label), state, std::move(value), std::move(because)};
}

Hardening pie(const elf::Image& image, const Linkage& linkage) {
    if (linkage.kind == LinkageKind::shared_library || linkage.kind == LinkageKind::relocatable ||
        linkage.kind == LinkageKind::not_applicable) {
        return item("pie", "PIE", HardeningState::not_applicable, {}, "not a program");
    }
    bool yes = image.header().type == elf::et_dyn;
    return item("pie", "PIE", yes ? HardeningState::yes : HardeningState::no, {},
                yes ? "e_type is ET_DYN" : "e_type is ET_EXEC: fixed load address");
}

// Whether slots of the PLT lie behind the part that is made read-only, which ends at a page (elf/dl-reloc.c, _dl_protect_relro).
bool leaves_slots_out(const elf::Segment& relro, const std::vector<elf::Section>& sections) {
    constexpr std::uint64_t page = 4096;
    const elf::Section* slots = elf::find_section(sections, ".got.plt");
    return slots != nullptr && slots->size != 0 && slots->addr + slots->size > align_down(relro.vaddr + relro.memsz, page);
}

Hardening relro(const elf::Image& image, const std::vector<elf::Section>& sections) {
    if (image.segment(elf::pt_gnu_relro) == nullptr) return item("relro", "RELRO", HardeningState::no, {}, "no PT_GNU_RELRO");
    if (!image.dynamic() && image.segment(elf::pt_dynamic) != nullptr)
        return item("relro", "RELRO", HardeningState::unknown, {}, "PT_GNU_RELRO, but what PT_DYNAMIC points to is not in the file");
    bool now = image.dynamic() && ((image.dynamic()->flags() & elf::df_bind_now) != 0 || (image.dynamic()->flags_1() & elf::df_1_now) != 0);
    bool lazy_slots = image.dynamic() && image.dynamic()->value(elf::dt_pltrelsz).value_or(0) != 0;
    if (!image.dynamic() && leaves_slots_out(*image.segment(elf::pt_gnu_relro), sections))
        return item("relro", "RELRO", HardeningState::partial, "partial", "PT_GNU_RELRO, but .got.plt lies behind it and stays writable");
    if (now) return item("relro", "RELRO", HardeningState::yes, "full", "PT_GNU_RELRO and immediate binding");
    if (!lazy_slots) return item("relro", "RELRO", HardeningState::yes, "full", "PT_GNU_RELRO and no lazily bound slots");
    return item("relro", "RELRO", HardeningState::partial, "partial", "PT_GNU_RELRO, but the PLT's slots stay writable (no -z now)");
}

Hardening no_execute_stack(const elf::Image& image) {
    const elf::Segment* stack = image.segment(elf::pt_gnu_stack);
    if (stack == nullptr)
        return item("nx", "NX stack", HardeningState::no, {},
                    image.header().machine == elf::em_386 ? "no PT_GNU_STACK: the kernel makes the stack executable"
                        : image.header().machine == elf::em_x86_64
                        ? "no PT_GNU_STACK: the C library makes the stacks of threads executable"
                        : "no PT_GNU_STACK: the stack is executable where the kernel's default is");
    bool yes = !stack->executable();
    return item("nx", "NX stack", yes ? HardeningState::yes : HardeningState::no, {},
                fmt::format("PT_GNU_STACK flags {}", permissions(stack->readable(), stack->writable(), stack->executable())));
}

// Every mapping that is writable and executable at once.
Hardening write_xor_execute(const elf::Image& image) {
    for (std::size_t i = 0; i < image.segments().size(); ++i) {
        const elf::Segment& segment = image.segments()[i];
        if (segment.type == elf::pt_load && segment.writable() && segment.executable()) {
            return item("wx", "W^X segments", HardeningState::no, {}, fmt::format("program header {} is writable and executable", i));
        }
    }
    return item("wx", "W^X segments", HardeningState::yes, {}, "no segment is writable and executable");
}

struct Seen {
    bool canary = false;
    std::uint64_t fortified = 0;
    std::uint64_t unfortified = 0;
};

// The functions of glibc's fortified headers that have a __NAME_chk twin.
constexpr std::array fortifiable = {
    "asprintf",  "confstr",   "dprintf",        "fdelt",     "fgets",      "fgetws",    "fprintf",  "fread",     "fwprintf",
    "getcwd",    "getgroups", "gethostname",    "gets",      "mbsnrtowcs", "mbsrtowcs", "mbstowcs", "memcpy",    "memmove",
    "mempcpy",   "memset",    "obstack_printf", "poll",      "pread",      "printf",    "read",     "readlink",  "realpath",
    "recv",      "recvfrom",  "snprintf",       "sprintf",   "stpcpy",     "stpncpy",   "strcat",   "strcpy",    "strncat",
    "strncpy",   "swprintf",  "syslog",         "vasprintf", "vdprintf",   "vfprintf",  "vprintf",  "vsnprintf", "vsprintf",
    "vswprintf", "wcpcpy",    "wcscat",         "wcscpy",    "wcsncpy",    "wmemcpy",   "wprintf",
};

void note_symbol(std::string_view name, Seen& seen) {
    if (name == "__stack_chk_fail" || name == "__stack_chk_guard" || name == "__stack_chk_fail_local" || name == "__stack_smash_handler")
        seen.canary = true;
    if (name.starts_with("__") && name.ends_with("_chk")) {
        ++seen.fortified;
    } else if (std::ranges::find(fortifiable, name) != fortifiable.end()) {
        ++seen.unfortified;
    }
}

Seen scan(const elf::Image& image, const std::vector<elf::Import>& imports, const std::vector<elf::Section>& sections) {
    Seen seen;
    for (const elf::Import& import : imports) note_symbol(import.symbol.name, seen);
    if (!imports.empty()) return seen;
    // A static program carries the functions themselves; only the presence of the guards says something.
    elf::SymbolTable table = elf::static_symbols(image, sections);
    for (std::uint64_t i = 0; i < table.size(); ++i) note_symbol(table.name_at(i), seen);
    seen.unfortified = 0;
    return seen;
}

Hardening canary(const Seen& seen, bool is_static, bool anything_to_see) {
    auto answer = [](HardeningState state, std::string because) { return item("canary", "stack canary", state, {}, std::move(because)); };
    if (!anything_to_see) return answer(HardeningState::unknown, "no symbols to tell from");
    if (!seen.canary) return answer(HardeningState::no, "no reference to __stack_chk_fail");
    if (!is_static) return answer(HardeningState::yes, "refers to __stack_chk_fail");
    return answer(HardeningState::unknown, "the C library in it has them; what the program's own functions do is not told by symbols");
}

Hardening fortify(const Seen& seen, bool is_static, bool anything_to_see) {
    auto answer = [](HardeningState state, std::string value, std::string because) {
        return item("fortify", "FORTIFY", state, std::move(value), std::move(because));
    };
    if (is_static && (seen.fortified != 0 || seen.canary))
        return answer(HardeningState::unknown, {}, "a static program's calls to the C library are not told by symbols");
    std::string counts = fmt::format("{} checked, {} unchecked", counted(seen.fortified, "function"), seen.unfortified);
    if (seen.fortified != 0)
        return answer(seen.unfortified == 0 ? HardeningState::yes : HardeningState::partial, counts, "calls to __*_chk");
    if (seen.unfortified != 0) return answer(HardeningState::no, counts, "functions that have a checked twin, and no call to one");
    if (anything_to_see) return answer(HardeningState::not_applicable, {}, "calls no function that has a checked twin");
    return answer(HardeningState::unknown, {}, "no symbols to tell from");
}

}  // namespace

std::vector<Hardening> elf_hardening(const elf::Image& image, const Linkage& linkage, const elf::KnownNotes& notes,
                                     const std::vector<elf::Import>& imports, const std::vector<elf::Section>& sections) {
    std::vector<Hardening> out;
    if (linkage.kind == LinkageKind::not_applicable || linkage.kind == LinkageKind::relocatable) return out;
    out.push_back(pie(image, linkage));
    out.push_back(relro(image, sections));
    out.push_back(no_execute_stack(image));
    out.push_back(write_xor_execute(image));

    Seen seen = scan(image, imports, sections);
    bool anything_to_see = !imports.empty() || elf::static_symbols(image, sections).size() != 0;
    // The C library in a static program has guards of its own.
    bool is_static = imports.empty();
    out.push_back(canary(seen, is_static, anything_to_see));
    out.push_back(fortify(seen, is_static, anything_to_see));

    std::uint16_t machine = image.header().machine;
    if (machine == elf::em_x86_64 || machine == elf::em_386) {
        bool both = (notes.x86_features & 3) == 3;
        out.push_back(item("cet", "CET",
                           both                          ? HardeningState::yes
                               : notes.x86_features != 0 ? HardeningState::partial
                                                         : HardeningState::no,
                           notes.x86_features == 0 ? std::string() : flag_names(elf::x86_features(), notes.x86_features),
                           notes.x86_features == 0 ? "no GNU_PROPERTY_X86_FEATURE_1_AND" : "GNU_PROPERTY_X86_FEATURE_1_AND"));
    }
    if (machine == elf::em_aarch64) {
        out.push_back(
            item("bti", "BTI", (notes.aarch64_features & 1) != 0 ? HardeningState::yes : HardeningState::no, {},
                 (notes.aarch64_features & 1) != 0 ? "GNU_PROPERTY_AARCH64_FEATURE_1_AND" : "not in GNU_PROPERTY_AARCH64_FEATURE_1_AND"));
        out.push_back(
            item("pac", "PAC", (notes.aarch64_features & 2) != 0 ? HardeningState::yes : HardeningState::no, {},
                 (notes.aarch64_features & 2) != 0 ? "GNU_PROPERTY_AARCH64_FEATURE_1_AND" : "not in GNU_PROPERTY_AARCH64_FEATURE_1_AND"));
    }
    return out;
}

}  // namespace abiscope::inspect
