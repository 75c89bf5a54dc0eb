#include "macho/notes.h"

#include <fmt/format.h>

#include "macho/spec.h"

namespace abiscope::macho {

namespace {

void read_note(const Image& image, const LoadCommand& command, Notes& notes, finding::Sink& sink) {
    Reader reader = command.fields(image.header().order);
    Note note;
    note.owner = fixed_name(reader.bytes(16));
    std::uint64_t offset = reader.u64();
    std::uint64_t size = reader.u64();
    if (!fields_fit(command, reader, sink)) return;
    note.content = image.table(command, "LC_NOTE", offset, size, sink);
    note.command_index = command.index;
    notes.notes.push_back(note);
}

// struct linker_option_command: a count, then so many NUL-terminated texts, then zeros.
void read_linker_option(const Image& image, const LoadCommand& command, Notes& notes, finding::Sink& sink) {
    Reader reader = command.fields(image.header().order);
    std::uint32_t count = reader.u32();
    LinkerOption option;
    option.command_index = command.index;
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        std::string_view word = reader.c_string();
        if (reader.ok()) option.words.push_back(word);
    }
    if (!reader.ok()) report_malformed(command, fmt::format("it claims {} texts and holds {}", count, option.words.size()), sink);
    notes.linker_options.push_back(std::move(option));
}

void read_fileset_entry(const Image& image, const LoadCommand& command, Notes& notes, finding::Sink& sink) {
    Reader reader = command.fields(image.header().order);
    FilesetEntry entry;
    entry.address = reader.u64();
    entry.offset = reader.u64();
    std::uint32_t name = reader.u32();
    if (!fields_fit(command, reader, sink)) return;
    entry.name = command_text(command, name, "the entry's name", sink).value_or(std::string_view());
    entry.command_index = command.index;
    notes.fileset.push_back(entry);
}

void read_encryption(const Image& image, const LoadCommand& command, Notes& notes, finding::Sink& sink) {
    Reader reader = command.fields(image.header().order);
    Encryption encryption;
    encryption.offset = reader.u32();
    encryption.size = reader.u32();
    encryption.id = reader.u32();
    encryption.command_index = command.index;
    if (!fields_fit(command, reader, sink) || notes.encryption) return;
    static_cast<void>(image.table(command, "the encrypted range", encryption.offset, encryption.size, sink));
    notes.encryption = encryption;
}

// struct ident_command: NUL-terminated texts up to the end of the command.
void read_ident(const LoadCommand& command, Notes& notes) {
    std::string_view rest = command.bytes.from(8).as_text();
    while (!rest.empty()) {
        std::string_view text = rest.substr(0, rest.find('\0'));
        if (!text.empty()) notes.idents.push_back(text);
        rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    }
}

}  // namespace

Result<Notes> read_notes(const Image& image, finding::Sink& sink) {
    Notes notes;
    for (const LoadCommand& command : image.commands()) {
        switch (command.command) {
            case lc_note: read_note(image, command, notes, sink); break;
            case lc_linker_option: read_linker_option(image, command, notes, sink); break;
            case lc_fileset_entry: read_fileset_entry(image, command, notes, sink); break;
            case lc_encryption_info:
            case lc_encryption_info_64: read_encryption(image, command, notes, sink); break;
            case lc_ident: read_ident(command, notes); break;
            default: break;
        }
    }
    return notes;
}

}  // namespace abiscope::macho
