#include "elf/dynamic.h"

#include <algorithm>

#include "bytes/limits.h"
#include "bytes/reader.h"
#include "elf/image.h"
#include "elf/spec.h"

namespace abiscope::elf {

void Dynamic::add(DynamicEntry entry) {
    entries.push_back(entry);
    if (entry.tag < common_tags) last_[entry.tag] = entries.size();
}

std::optional<std::uint64_t> Dynamic::value(std::uint64_t tag) const {
    if (tag < common_tags) return last_[tag] == 0 ? std::nullopt : std::optional(entries[last_[tag] - 1].value);
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        if (entry->tag == tag) return entry->value;
    }
    return std::nullopt;
}

std::uint64_t Dynamic::flags() const {
    std::uint64_t flags = value(dt_flags).value_or(0);
    if (has(dt_symbolic)) flags |= df_symbolic;
    if (has(dt_textrel)) flags |= df_textrel;
    if (has(dt_bind_now)) flags |= df_bind_now;
    return flags;
}

std::uint64_t Dynamic::flags_1() const { return value(dt_flags_1).value_or(0); }

namespace {

std::optional<DynamicString> string_of(const Dynamic& dynamic, std::size_t index) {
    std::uint64_t offset = dynamic.entries[index].value;
    auto text = dynamic.strings.c_string(offset);
    if (!text) return std::nullopt;
    return DynamicString{*text, index, dynamic.strings.file_offset(offset)};
}

}  // namespace

std::optional<DynamicString> Dynamic::string(std::uint64_t tag) const {
    for (std::size_t i = entries.size(); i-- > 0;) {
        if (entries[i].tag == tag) return string_of(*this, i);
    }
    return std::nullopt;
}

std::vector<DynamicString> Dynamic::strings_of(std::uint64_t tag) const {
    std::vector<DynamicString> out;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].tag != tag) continue;
        if (out.size() == default_limits.libraries) break;
        if (auto text = string_of(*this, i)) out.push_back(*text);
    }
    return out;
}

std::optional<Dynamic> read_dynamic(const Image& image) {
    const Segment* segment = image.segment(pt_dynamic);
    if (segment == nullptr) return std::nullopt;
    // A loader reads the section in memory, at p_vaddr; p_offset only says where a linker put it. They differ in files whose segments
    // were moved by a patching tool.
    View records = image.view_at(segment->vaddr);
    if (records.empty()) records = image.bytes().clamped(segment->offset, segment->filesz);
    if (records.empty()) return std::nullopt;

    Dynamic dynamic;
    bool wide = image.encoding().wide;
    dynamic.entry_size = wide ? 16 : 8;
    dynamic.file_offset = records.file_offset();
    dynamic.terminated = false;
    Reader reader(records, image.encoding().order, "dynamic section");
    while (reader.remaining() >= dynamic.entry_size) {
        std::uint64_t tag = reader.word(wide);
        std::uint64_t value = reader.word(wide);
        if (tag == dt_null) {
            dynamic.terminated = true;
            break;
        }
        dynamic.add({tag, value});
    }
    if (auto address = dynamic.value(dt_strtab)) {
        dynamic.strings = image.view_at(*address);
        // DT_STRSZ bounds nothing for the loaders, which stop at the NUL; it is honoured here only when it can be true.
        if (auto size = dynamic.value(dt_strsz); size && *size != 0) dynamic.strings = dynamic.strings.clamped(0, *size);
    }
    return dynamic;
}

}  // namespace abiscope::elf
