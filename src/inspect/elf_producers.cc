#include "inspect/elf_producers.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::inspect {

namespace {

void add(std::vector<Producer>& out, std::string tool, std::string source) {
    if (tool.empty()) return;
    if (std::ranges::none_of(out, [&](const Producer& known) { return known.tool == tool; }))
        out.push_back({std::move(tool), std::move(source)});
}

// .comment: NUL-terminated strings, one per tool, merged by the linker.
void read_comment(View bytes, std::vector<Producer>& out) {
    constexpr std::size_t most = 64;
    for (std::uint64_t at = 0; at < bytes.size() && out.size() < most;) {
        std::string_view rest = bytes.from(at).as_text();
        std::string_view line = rest.substr(0, rest.find('\0'));
        add(out, text::printable(line), ".comment");
        at += line.size() + 1;
    }
}

// Where texts lie that nothing changes: of a file without sections, all that is not written to.
std::vector<View> constants_of(const elf::Image& image, const std::vector<elf::Section>& sections) {
    std::vector<View> out;
    for (const elf::Section& section : sections) {
        constexpr std::uint64_t others = elf::shf_write | elf::shf_execinstr;
        if ((section.flags & elf::shf_alloc) != 0 && (section.flags & others) == 0 && section.type == elf::sht_progbits)
            out.push_back(elf::section_bytes(image, section));
    }
    if (!out.empty()) return out;
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type == elf::pt_load && !segment.writable()) out.push_back(image.bytes().clamped(segment.offset, segment.filesz));
    }
    return out;
}

}  // namespace

std::string rust_compiler(View bytes) {
    // The compiler remaps the sources of its standard library to /rustc/<commit>/library, and panic messages keep their file names.
    constexpr std::string_view mark = "/rustc/";
    constexpr std::size_t commit_digits = 40;
    std::string_view text = bytes.as_text();
    for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
        std::string_view commit = text.substr(at + mark.size(), commit_digits);
        if (commit.size() == commit_digits && commit.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
            text.substr(at + mark.size() + commit_digits).starts_with("/")) {
            return fmt::format("rustc, commit {}", commit);
        }
    }
    return {};
}

std::vector<Producer> elf_producers(const elf::Image& image, const std::vector<elf::Section>& sections,
                                    const std::vector<elf::Note>& notes) {
    std::vector<Producer> out;
    if (const elf::Section* comment = elf::find_section(sections, ".comment")) {
        if (auto contents = elf::section_contents(image, *comment)) read_comment(contents->view, out);
    }
    for (const elf::Note& note : notes) {
        if (note.name == "GNU" && note.type == elf::nt_gnu_gold_version)
            add(out, fmt::format("GNU gold {}", text::printable(note.descriptor.c_string(0).value_or(""))), ".note.gnu.gold-version");
        if (note.name == "Android" && note.type == 1 && note.descriptor.size() >= 4) {
            add(out, fmt::format("Android NDK, API level {}", load<std::uint32_t>(note.descriptor.data(), image.encoding().order)),
                ".note.android.ident");
        }
        if (note.name == "Go" && note.type == 4) add(out, "Go linker", ".note.go.buildid");
    }
    if (elf::find_section(sections, ".rustc") != nullptr) add(out, "rustc", ".rustc");
    if (std::ranges::none_of(out, [](const Producer& known) { return known.tool.starts_with("rustc") || known.tool == "Go linker"; })) {
        for (const View& constants : constants_of(image, sections)) {
            if (std::string tool = rust_compiler(constants); !tool.empty()) {
                add(out, tool, "paths of the standard library in panic messages");
                break;
            }
        }
    }
    for (const elf::Section& section : sections) {
        if (section.name.starts_with("UPX")) add(out, "UPX packer", std::string(section.name));
    }
    if (sections.empty() && image.bytes().clamped(0, 4096).as_text().find("UPX!") != std::string_view::npos)
        add(out, "UPX packer", "UPX! mark after the headers");
    return out;
}

bool made_by_go(const std::vector<elf::Section>& sections, const std::vector<Producer>& producers) {
    return std::ranges::any_of(producers, [](const Producer& known) { return known.tool == "Go linker"; }) ||
        std::ranges::any_of(sections,
                            [](const elf::Section& section) { return section.name == ".gopclntab" || section.name == ".go.module"; });
}

std::optional<golang::BuildInfo> elf_go_build_info(const elf::Image& image, const std::vector<elf::Section>& sections) {
    std::vector<golang::DataRange> ranges;
    const elf::Section* named = elf::find_section(sections, ".go.buildinfo");
    if (named != nullptr) {
        ranges.push_back({elf::section_bytes(image, *named), named->addr});
    } else {
        // Only a file that shows another sign of Go is searched: the blob's magic may occur as data in any other program.
        bool go = std::ranges::any_of(sections, [](const elf::Section& section) {
            return section.name == ".gopclntab" || section.name == ".note.go.buildid" || section.name == ".gosymtab";
        });
        if (!go && !sections.empty()) return std::nullopt;
        for (const elf::Segment& segment : image.segments()) {
            if (segment.type == elf::pt_load && segment.writable())
                ranges.push_back({image.bytes().clamped(segment.offset, segment.filesz), segment.vaddr});
        }
    }
    return golang::read_build_info(ranges, image.encoding().wide, [&](std::uint64_t address) { return image.view_at(address); });
}

}  // namespace abiscope::inspect
