#include "target/strings.h"

#include <vector>

#include "elf/image.h"
#include "elf/sections.h"
#include "finding/sink.h"

namespace abiscope::target {

std::optional<std::string_view> text_between(View bytes, std::string_view before, std::string_view after) {
    constexpr std::size_t most = 200;
    std::string_view all = bytes.as_text();
    for (std::size_t at = text::find(all, before); at != std::string_view::npos; at = text::find(all, before, at + 1)) {
        std::string_view rest = all.substr(at + before.size(), most);
        rest = rest.substr(0, rest.find_first_of(std::string_view("\0\n", 2)));
        std::size_t end = rest.find(after);
        if (end != std::string_view::npos) return rest.substr(0, end);
    }
    return std::nullopt;
}

View texts_of(const SourcePtr& bytes) {
    auto image = elf::Image::parse(bytes);
    if (!image) return bytes->view();
    finding::Sink unheard;
    std::vector<elf::Section> sections = elf::read_sections(*image, unheard);
    const elf::Section* section = elf::find_section(sections, ".rodata");
    View texts = section == nullptr ? View() : elf::section_bytes(*image, *section);
    return texts.empty() ? bytes->view() : texts;
}

}  // namespace abiscope::target
