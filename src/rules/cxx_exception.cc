// Itanium C++ ABI, "Exception Handling", 2.2 (__cxa_exception); libstdc++, libsupc++/unwind-cxx.h. 64-bit only.
#include "rules/cxx_exception.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

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

// Classes whose object holds a pointer to its text behind the vtable pointer (libstdc++, __cow_string).
bool keeps_text(std::string_view type) { return type == "St13runtime_error" || type == "St11logic_error"; }

// From a class to what it derives from: __si_class_type_info has one base behind its name.
bool derives_from_texted(const core::Memory& memory, std::uint64_t type) {
    for (int depth = 0; depth < 16; ++depth) {
        auto name = type_name(memory, type);
        if (!name) return false;
        if (keeps_text(name->name)) return true;
        auto base = memory.word(type + 16);
        if (!base || *base == 0 || *base == type) return false;
        type = *base;
    }
    return false;
}

// A handler has it: what ends the program enters one first (__cxa_begin_catch). One that is only kept (std::exception_ptr) has none.
bool is_handled(const core::Memory& memory, std::uint64_t header) {
    auto handlers = memory.number(header + handlers_offset, 4);
    return handlers && *handlers != 0 && *handlers <= 1000;
}

std::optional<CxxException> exception_at(const core::Memory& memory, std::uint64_t header) {
    if (auto vendor = memory.word(header + class_offset); !is_class(vendor) || !is_handled(memory, header)) return std::nullopt;
    // __cxa_dependent_exception is laid out the same, and its first word points to the object.
    std::uint64_t first = header;
    if ((*memory.word(header + class_offset) & dependent) != 0) {
        auto object = memory.word(header);
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
    auto name = type_name(memory, *type);
    if (!name) return std::nullopt;
    CxxException out;
    out.header = header;
    out.entry = first;
    out.type = name->name;
    out.type_name_address = name->address;
    std::uint64_t object = header + object_offset;
    auto text_at = [&](std::uint64_t slot) {
        auto pointer = memory.word(slot);
        if (!pointer) return;
        out.what = memory.c_string(*pointer, 4096);
        out.what_address = out.what && !out.what->empty() ? *pointer : 0;
    };
    if (out.type == "PKc" || out.type == "Pc") text_at(object);
    else if (out.type == "i") {
        if (auto value = memory.number(object, 4)) out.what = std::to_string(static_cast<std::int32_t>(*value));
    } else if (out.type == "St9bad_alloc") out.what = "std::bad_alloc";
    else if (derives_from_texted(memory, *type)) {
        text_at(object + 8);
        out.table = memory.word(object);
    }
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
