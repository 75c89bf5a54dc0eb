#include "inspect/inspect.h"

#include <fmt/format.h>

#include "base/text.h"
#include "object/archive.h"
#include "object/detect.h"

namespace abiscope::inspect {

namespace {

constexpr std::size_t most_parts = 10000;

// Anything that is not a linked program: named for what it is.
Card other_card(const object::Detected& detected) {
    Card card;
    card.subject.format = object::format_name(detected.kind);
    card.description = object::describe(detected);
    if (detected.kind == object::FileKind::script) card.linkage.interpreter = detected.detail;
    return card;
}

Result<Card> inspect_archive(const SourcePtr& source, const Options& options, const object::Detected& detected) {
    ABISCOPE_TRY(object::Archive archive, object::read_archive(source->view(), options.limits));
    Card card = other_card(detected);
    card.subject.kind = "static library";
    card.identity.push_back({"members", "members", fmt::format("{}", archive.members.size()), std::nullopt});
    card.identity.push_back({"symbol_table", "symbol table", archive.has_symbol_table ? "yes" : "none (run ranlib)", std::nullopt});
    for (const object::ArchiveMember& member : archive.members) {
        if (card.parts.size() == most_parts) break;
        object::Detected kind = object::detect(member.bytes);
        Card part = other_card(kind);
        if (archive.thin) part.description = "kept outside, in a file of that name beside the archive";
        if (kind.kind == object::FileKind::elf) {
            finding::Sink unheard(options.limits);
            Options light = options;
            light.instructions = false;
            light.symbols = false;
            light.sweep = false;
            if (auto inner = inspect_elf(source, member.bytes, light, unheard)) part = *std::move(inner);
        }
        part.subject.path = member.name;
        part.subject.size = member.size;
        if (card.subject.arch.empty()) card.subject.arch = part.subject.arch;
        else if (card.subject.arch != part.subject.arch && !part.subject.arch.empty()) card.subject.arch = "mixed";
        card.parts.push_back(std::move(part));
    }
    card.description = fmt::format("{}, {}{}", object::describe(detected), counted(archive.members.size(), "member"),
                                   card.subject.arch.empty() ? std::string() : " for " + card.subject.arch);
    return card;
}

}  // namespace

Result<Card> inspect(const SourcePtr& source, const Options& options, finding::Sink& sink) {
    object::Detected detected = object::detect(source->view());
    auto card = [&]() -> Result<Card> {
        switch (detected.kind) {
            case object::FileKind::elf:
            case object::FileKind::elf_truncated: return inspect_elf(source, source->view(), options, sink);
            case object::FileKind::pe:
            case object::FileKind::coff: return inspect_pe(source, source->view(), options, sink);
            case object::FileKind::macho: return inspect_macho(source, source->view(), options, sink);
            case object::FileKind::macho_fat: return inspect_macho_fat(source, options, sink);
            case object::FileKind::archive: return inspect_archive(source, options, detected);
            default: return other_card(detected);
        }
    }();
    if (!card) {
        Error error = card.error();
        if (error.file.empty()) error.file = source->name();
        return fail(std::move(error));
    }
    card->subject.path = source->name();
    card->subject.size = source->size();
    return card;
}

}  // namespace abiscope::inspect
