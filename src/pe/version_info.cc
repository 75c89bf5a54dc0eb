#include "pe/version_info.h"

#include <algorithm>

#include "bytes/reader.h"
#include "pe/utf16.h"

namespace abiscope::pe {

namespace {

constexpr std::uint32_t fixed_signature = 0xfeef04bd;

// Every level of the structure is such a node: length, value length, type, key, value, children, each aligned to four bytes.
struct Node {
    std::string key;
    View value;
    View children;
    std::uint64_t length = 0;      // to the next sibling, before alignment
    bool text = false;
};

Result<Node> read_node(View bytes, std::uint64_t start) {
    Reader reader(bytes.from(start), Endian::little, "the version resource");
    Node node;
    std::uint64_t length = reader.u16();
    std::uint64_t value_length = reader.u16();
    node.text = reader.u16() == 1;
    if (!reader.ok()) return fail(reader.error());
    if (length < 6)
        return fail(ErrorCode::bad_value, "a node of the version resource is shorter than its header", bytes.file_offset(start));
    View whole = bytes.clamped(start, length);
    node.length = whole.size();
    auto key = utf16_until_nul(whole.from(6));
    if (!key) return fail(ErrorCode::truncated, "a key of the version resource has no end", whole.file_offset());
    node.key = utf16_to_utf8(*key);
    // Alignment counts from the start of the resource.
    std::uint64_t value_at = align_up(start + 6 + key->size() + 2, 4) - start;
    // Text is counted in characters, except by the tools that count bytes: its terminator says where it ends.
    if (node.text) value_length *= 2;
    node.value = whole.clamped(value_at, value_length);
    if (node.text) {
        if (auto text = utf16_until_nul(node.value)) node.value = *text;
    }
    node.children = whole.from(align_up(start + value_at + value_length, 4) - start);
    return node;
}

// Calls `visit(node)` for each child; children lie one after the other.
template <typename Visit>
Result<void> each_child(View resource, View children, Visit visit) {
    if (children.empty()) return {};
    auto base = static_cast<std::uint64_t>(children.data() - resource.data());
    std::uint64_t at = base;
    std::uint64_t end = base + children.size();
    while (at + 6 <= end) {
        ABISCOPE_TRY(Node node, read_node(resource.clamped(0, end), at));
        ABISCOPE_CHECK(visit(node));
        at = align_up(at + node.length, 4);
    }
    return {};
}

std::array<std::uint16_t, 4> version_of(std::uint32_t high, std::uint32_t low) {
    return {static_cast<std::uint16_t>(high >> 16), static_cast<std::uint16_t>(high), static_cast<std::uint16_t>(low >> 16),
            static_cast<std::uint16_t>(low)};
}

void read_fixed(View value, VersionInfo& info) {
    Reader reader(value, Endian::little, "the fixed version information");
    if (reader.u32() != fixed_signature) return;
    reader.skip(4);
    std::uint32_t file_high = reader.u32();
    std::uint32_t file_low = reader.u32();
    std::uint32_t product_high = reader.u32();
    std::uint32_t product_low = reader.u32();
    info.flags_mask = reader.u32();
    info.flags = reader.u32();
    info.os = reader.u32();
    info.type = reader.u32();
    info.subtype = reader.u32();
    if (!reader.ok()) return;
    info.file_version = version_of(file_high, file_low);
    info.product_version = version_of(product_high, product_low);
    info.has_fixed = true;
}

Result<void> read_strings(View resource, const Node& block, VersionInfo& info) {
    return each_child(resource, block.children, [&](const Node& table) -> Result<void> {
        VersionStringTable strings{.language = table.key, .strings = {}};
        auto read = each_child(resource, table.children, [&](const Node& entry) -> Result<void> {
            strings.strings.push_back({.key = entry.key, .value = utf16_to_utf8(entry.value)});
            return {};
        });
        info.strings.push_back(std::move(strings));
        return read;
    });
}

Result<void> read_translations(View resource, const Node& block, VersionInfo& info) {
    return each_child(resource, block.children, [&](const Node& entry) -> Result<void> {
        Reader reader(entry.value, Endian::little, "the translations");
        while (reader.remaining() >= 4) info.translations.push_back(reader.u32());
        return {};
    });
}

}  // namespace

std::optional<std::string> VersionInfo::find(std::string_view key) const {
    for (const VersionStringTable& table : strings) {
        for (const VersionString& entry : table.strings) {
            if (entry.key == key) return entry.value;
        }
    }
    return std::nullopt;
}

Result<VersionInfo> read_version_info(View data) {
    ABISCOPE_TRY(Node root, read_node(data, 0));
    if (root.key != "VS_VERSION_INFO")
        return fail(ErrorCode::bad_value, "the version resource does not start with VS_VERSION_INFO", data.file_offset());
    VersionInfo info;
    read_fixed(root.value, info);
    ABISCOPE_CHECK(each_child(data, root.children, [&](const Node& block) -> Result<void> {
        if (block.key == "StringFileInfo") return read_strings(data, block, info);
        if (block.key == "VarFileInfo") return read_translations(data, block, info);
        return {};
    }));
    return info;
}

}  // namespace abiscope::pe
