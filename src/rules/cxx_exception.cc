// Itanium C++ ABI, "Exception Handling", 2.2 (__cxa_exception); libstdc++, libsupc++/unwind-cxx.h; libc++abi, src/cxa_exception.h. 64-bit
// only.
#include "rules/cxx_exception.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/checked.h"
#include "bytes/endian.h"

namespace abiscope::rules {

namespace {

// The class of an exception: vendor and language, read as a number.
constexpr std::uint64_t classes[] = {
    0x474e5543432b2b00,   // GNUCC++\0
    0x434c4e47432b2b00,   // CLNGC++\0
};
constexpr std::uint64_t count_offset = 16;     // in front of libstdc++'s: referenceCount of __cxa_refcounted_exception
constexpr std::uint64_t most_references = 1000;
constexpr std::uint64_t class_offset = 80;    // of unwindHeader in __cxa_exception
constexpr std::uint64_t next_offset = 32;      // nextException
constexpr std::uint64_t handlers_offset = 40;  // handlerCount
constexpr std::uint64_t object_offset = 112;  // the object behind the header
constexpr std::size_t most_found = 64;

constexpr std::uint64_t dependent = 1;         // added to the class: std::rethrow_exception() threw an object that others keep, too

bool is_class(std::optional<std::uint64_t> word) { return word && std::ranges::find(classes, *word & ~dependent) != std::end(classes); }

bool is_name(std::string_view text) {
    return !text.empty() && text.size() < 2048 && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

struct TypeName {
    std::string name;
    std::uint64_t address = 0;
};

std::optional<TypeName> type_name(const core::Memory& memory, std::uint64_t type) {
    auto address = memory.word(type + 8);
    if (!address) return std::nullopt;
    auto name = memory.c_string(*address, 2048);
    if (!name) return std::nullopt;
    std::string_view text = *name;
    if (text.starts_with('*')) text.remove_prefix(1);   // compared by address: not part of the name
    if (!is_name(text)) return std::nullopt;
    return TypeName{std::string(text), *address + (name->size() - text.size())};
}

// Classes whose object holds a pointer to its text behind the vtable pointer (libstdc++, __cow_string; libc++, __libcpp_refstring).
bool keeps_text(std::string_view type) { return type == "St13runtime_error" || type == "St11logic_error"; }

// libstdc++'s and, without its class of characters, that of old ABIs.
bool is_string(std::string_view type) { return type == "NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE" || type == "Ss"; }

// A class and where in the object that was thrown its part lies.
struct Part {
    std::uint64_t type = 0;            // address of its type information
    std::uint64_t object = 0;
};

constexpr std::size_t most_parts = 64;

// Kinds of type information of a class with one base. libstdc++ has one of its own for what its streams throw, so that handlers for both
// of its std::ios_base::failure take it (src/c++11/cxx11-ios_failure.cc).
bool has_one_base(std::string_view kind) { return kind == "N10__cxxabiv120__si_class_type_infoE" || kind == "St19__iosfail_type_info"; }

// The classes that an object is of, itself first. Itanium C++ ABI, 2.9.5: which kind of type information it is, is told by the type
// information that the virtual table of the type information has in front.
std::vector<Part> parts_of(const core::Memory& memory, Part whole) {
    std::vector<Part> out{whole};
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto [type, object] = out[i];
        auto add = [&](std::optional<std::uint64_t> base, std::uint64_t place) {
            if (base && *base != 0 && out.size() < most_parts) out.push_back({*base, place});
        };
        auto table = memory.word(type);
        auto kind_type = table ? memory.word(*table - 8) : std::nullopt;
        auto kind = kind_type ? type_name(memory, *kind_type) : std::nullopt;
        if (!kind) continue;
        if (has_one_base(kind->name)) add(memory.word(type + 16), object);
        if (kind->name != "N10__cxxabiv121__vmi_class_type_infoE") continue;
        std::uint64_t bases = std::min<std::uint64_t>(memory.number(type + 20, 4).value_or(0), most_parts);
        for (std::uint64_t base = type + 24; base < type + 24 + bases * 16; base += 16) {
            auto flags = memory.word(base + 8);
            if (!flags) break;
            constexpr std::uint64_t is_virtual = 1;
            std::uint64_t offset = *flags >> 8 | (*flags >> 63 != 0 ? ~std::uint64_t{0} << 56 : 0);
            if ((*flags & is_virtual) == 0) {
                add(memory.word(base), object + offset);
                continue;
            }
            // Where a virtual base lies, the object's virtual table says.
            auto own = memory.word(object);
            if (auto place = own ? memory.word(*own + offset) : std::nullopt) add(memory.word(base), object + *place);
        }
    }
    return out;
}

constexpr std::string_view libcxx_string = "NSt3__112basic_stringIcNS_11char_traitsIcEENS_9allocatorIcEEEE";

// libc++, include/string: the lowest bit of the first byte says whether the text is elsewhere; a short one follows that byte.
std::uint64_t libcxx_text(const core::Memory& memory, std::uint64_t object) {
    auto first = memory.number(object, 1);
    if (!first) return 0;
    return (*first & 1) != 0 ? memory.word(object + 16).value_or(0) : object + 1;
}

// A value of a type of the language, by the letters that the ABI has for it (Itanium C++ ABI, 5.1.5.2); empty for any other.
std::string number_words(const core::Memory& memory, std::string_view type, std::uint64_t object) {
    constexpr std::string_view integers = "stijlmxy";   // short to long long, each signed and unsigned
    constexpr std::uint8_t sizes[] = {2, 4, 8, 8};
    if (type.size() != 1) return {};
    if (type == "d" || type == "f") {
        auto bits = memory.number(object, type == "d" ? 8 : 4);
        if (!bits) return {};
        return type == "d" ? fmt::format("{}", std::bit_cast<double>(*bits))
                           : fmt::format("{}", std::bit_cast<float>(static_cast<std::uint32_t>(*bits)));
    }
    std::size_t which = integers.find(type.front());
    if (which == std::string_view::npos) return {};
    std::uint8_t size = sizes[which / 2];
    auto bits = memory.number(object, size);
    if (!bits) return {};
    if (which % 2 != 0) return fmt::format("{}", *bits);
    unsigned unused = 64 - size * 8U;
    return fmt::format("{}", static_cast<std::int64_t>(*bits << unused) >> unused);
}

// What a pointer leads to, where it is an object with a virtual table: that has the type of the whole object in front, and how far in front
// of this part that begins (Itanium C++ ABI, 2.5.2).
std::optional<Part> behind_pointer(const core::Memory& memory, std::uint64_t pointer) {
    auto table = memory.word(pointer);
    auto type = table ? memory.word(*table - 8) : std::nullopt;
    auto to_top = table ? memory.word(*table - 16) : std::nullopt;
    constexpr std::uint64_t most = 1 << 16;
    if (!type || !to_top || 0 - *to_top > most) return std::nullopt;
    Part whole{*type, pointer + *to_top};
    return type_name(memory, *type) ? std::optional(whole) : std::nullopt;
}

// The text of an object, where it is known what keeps it.
void tell_object(const core::Memory& memory, Part whole, CxxObject& out) {
    auto text_at = [&](std::uint64_t slot) {
        auto pointer = memory.word(slot);
        if (!pointer) return;
        out.what = memory.c_string(*pointer, 4096);
        out.what_address = out.what && !out.what->empty() ? *pointer : 0;
    };
    if (out.type == "PKc" || out.type == "Pc" || is_string(out.type)) return text_at(whole.object);
    if (std::string number = number_words(memory, out.type, whole.object); !number.empty()) {
        out.what = std::move(number);
        return;
    }
    if (out.type == libcxx_string) {
        std::uint64_t text = libcxx_text(memory, whole.object);
        out.what = memory.c_string(text, 4096);
        out.what_address = out.what && !out.what->empty() ? text : 0;
        return;
    }
    if (out.type.starts_with('P')) {
        auto pointer = memory.word(whole.object);
        auto pointed = pointer ? behind_pointer(memory, *pointer) : std::nullopt;
        if (!pointed) return;
        out.pointed = type_name(memory, pointed->type)->name;
        whole = *pointed;
    }
    if (out.type == "St9bad_alloc") out.what = "std::bad_alloc";
    bool several = false;
    for (const Part& part : parts_of(memory, whole)) {
        auto name = type_name(memory, part.type);
        if (!name) continue;
        if (name->name == "St9exception") {
            several = several || (out.standard != 0 && out.standard != part.object);
            out.standard = part.object;
        }
        if (out.table || !keeps_text(name->name)) continue;
        text_at(part.object + 8);
        out.table = memory.word(part.object);
    }
    if (several) out.standard = 0;
}

std::optional<CxxObject> object_at(const core::Memory& memory, Part whole) {
    auto name = type_name(memory, whole.type);
    if (!name) return std::nullopt;
    CxxObject out;
    out.type = name->name;
    out.type_name_address = name->address;
    tell_object(memory, whole, out);
    return out;
}

// std::throw_with_nested(): std::nested_exception keeps a std::exception_ptr, a pointer to the object, behind its virtual table's.
std::vector<CxxObject> nested_in(const core::Memory& memory, Part whole) {
    constexpr std::size_t most_nested = 8;
    std::vector<CxxObject> out;
    while (out.size() < most_nested) {
        std::uint64_t inner = 0;
        for (const Part& part : parts_of(memory, whole)) {
            auto name = type_name(memory, part.type);
            if (name && name->name == "St16nested_exception") inner = memory.word(part.object + 8).value_or(0);
        }
        auto vendor = inner != 0 ? memory.word(inner - object_offset + class_offset) : std::nullopt;
        auto type = is_class(vendor) ? memory.word(inner - object_offset) : std::nullopt;
        auto object = type ? object_at(memory, {*type, inner}) : std::nullopt;
        if (!object) break;
        out.push_back(std::move(*object));
        whole = {*type, inner};
    }
    return out;
}

// A handler has it: what ends the program enters one first (__cxa_begin_catch). One that is only kept (std::exception_ptr) has none.
bool is_handled(const core::Memory& memory, std::uint64_t header) {
    auto handlers = memory.number(header + handlers_offset, 4);
    return handlers && *handlers != 0 && *handlers <= 1000;
}

std::optional<CxxException> exception_at(const core::Memory& memory, std::uint64_t header) {
    if (auto vendor = memory.word(header + class_offset); !is_class(vendor) || !is_handled(memory, header)) return std::nullopt;
    // __cxa_dependent_exception is laid out the same, and its first word points to the object; libc++'s has that in front of the type.
    std::uint64_t first = header;
    if (std::uint64_t own = *memory.word(header + class_offset); (own & dependent) != 0) {
        auto object = memory.word((own & ~dependent) == classes[0] ? header : header - 8);
        if (!object) return std::nullopt;
        header = *object - object_offset;
    }
    auto vendor = memory.word(header + class_offset);
    if (!vendor || std::ranges::find(classes, *vendor) == std::end(classes)) return std::nullopt;
    // What has been freed keeps its words; malloc's list is written over the count.
    auto references = memory.number(header - count_offset, 4);
    if (*vendor == classes[0] && references && (*references == 0 || *references > most_references)) return std::nullopt;
    auto type = memory.word(header);
    if (!type) return std::nullopt;
    Part whole{*type, header + object_offset};
    auto object = object_at(memory, whole);
    if (!object) return std::nullopt;
    CxxException out;
    static_cast<CxxObject&>(out) = std::move(*object);
    out.header = header;
    out.entry = first;
    out.nested = nested_in(memory, whole);
    return out;
}

// Of several, the one that was begun last: nextException leads from it to those before.
ExceptionSearch last_begun(const core::Memory& memory, std::vector<CxxException> found) {
    std::vector<std::uint64_t> earlier;
    for (const CxxException& one : found) {
        if (auto next = memory.word(one.entry + next_offset)) earlier.push_back(*next);
    }
    std::erase_if(found, [&](const CxxException& one) { return std::ranges::find(earlier, one.entry) != earlier.end(); });
    ExceptionSearch out;
    out.several = found.size() > 1;
    if (found.size() == 1) out.exception = std::move(found.front());
    return out;
}

void add(std::vector<CxxException>& found, std::optional<CxxException> one) {
    if (one && found.size() < most_found && std::ranges::find(found, one->entry, &CxxException::entry) == found.end())
        found.push_back(std::move(*one));
}

}  // namespace

// caughtExceptions, the first word of the thread's __cxa_eh_globals. The thread's variables lie below its thread pointer; those of what
// dlopen() brought in, where its table of modules says (glibc, sysdeps/x86_64/nptl/tls.h: tcbhead_t.dtv).
ThreadExceptions thread_exceptions(const core::Crash& crash) {
    ThreadExceptions out;
    const core::Memory& memory = crash.process.memory;
    auto base = crash.thread() != nullptr ? crash.thread()->registers.get("fs_base") : std::nullopt;
    const core::Region* region = base && crash.process.wide() ? memory.region_at(*base) : nullptr;
    constexpr std::uint64_t most_below = 8192, most_of_module = 512, most_modules = 256;
    if (region == nullptr || *base < most_below) return out;
    auto look_at = [&](std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t slot = from; slot + 8 <= to; slot += 8) {
            auto word = memory.word(slot);
            if (!word || *word % 16 != 0 || *word < 4096) continue;
            // libc++'s header has two more words in front.
            for (std::uint64_t header : {*word, *word + 16}) {
                if (!out.exception) out.exception = exception_at(memory, header);
            }
        }
    };
    std::uint64_t start = std::max(align_down(*base - most_below, std::uint64_t{8}), region->start);
    out.known = memory.word(*base - 8).has_value();
    look_at(start, *base);
    auto table = memory.word(*base + 8);
    if (out.exception || !table) return out;
    auto count = memory.word(*table - 16);
    for (std::uint64_t i = 1; count && i <= std::min(*count, most_modules); ++i) {
        auto block = memory.word(*table + i * 16);
        if (block && *block % 8 == 0 && (*block < start || *block >= *base) && memory.region_at(*block) != nullptr)
            look_at(*block, *block + most_of_module);
    }
    return out;
}

ExceptionSearch find_exception(const core::Crash& crash, std::size_t last) {
    const auto& items = crash.stack.items;
    if (items.empty() || !crash.process.wide()) return {};
    const core::Memory& memory = crash.process.memory;
    std::uint64_t from = items.front().frame.sp;
    const core::Frame& end = items[std::min(last, items.size() - 1)].frame;
    std::uint64_t to = end.cfa.value_or(end.sp);
    constexpr std::uint64_t most = 1 << 16;
    std::vector<CxxException> found;
    for (std::uint64_t slot = from; slot < to && slot - from < most; slot += 8) {
        auto word = memory.word(slot);
        if (!word || *word % 8 != 0 || *word < 4096) continue;
        // The runtime keeps pointers to the header, to the part the unwinder knows, and to the object.
        for (std::uint64_t header : {*word, *word - class_offset, *word - object_offset}) add(found, exception_at(memory, header));
    }
    return last_begun(memory, std::move(found));
}

ExceptionSearch find_handled_exception(const core::Crash& crash) {
    if (!crash.process.wide()) return {};
    const core::Memory& memory = crash.process.memory;
    constexpr std::uint64_t most = 32 << 20;
    std::uint64_t looked_at = 0;
    std::vector<CxxException> found;
    for (const core::Region& region : memory.regions()) {
        if (!region.writable() || region.executable() || memory.file_at(region.start) != nullptr || &region == crash.process.main_stack())
            continue;
        std::uint64_t size = std::min<std::uint64_t>(region.dumped.size(), most - looked_at);
        looked_at += size;
        for (std::uint64_t at = 0; at + 8 <= size; at += 8) {
            if (!is_class(load<std::uint64_t>(region.dumped.data() + at, Endian::little))) continue;
            add(found, exception_at(memory, region.start + at - class_offset));
        }
    }
    return last_begun(memory, std::move(found));
}

}  // namespace abiscope::rules
