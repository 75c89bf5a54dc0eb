// The programs and libraries that were mapped, and which files on this machine are proved to be them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/memory.h"
#include "debuginfo/open_debug.h"
#include "dwarf/call_frames.h"
#include "elf/image.h"
#include "elf/sections.h"

namespace abiscope::core {

// Opens files by the paths they had where the program ran.
class Files : public debuginfo::FileFinder {
public:
    // Size in bytes now; nothing when the file is not there.
    [[nodiscard]] virtual std::optional<std::uint64_t> size(const std::string& path) = 0;
};

enum class FileState : std::uint8_t {
    same_build_id,     // the file is the one that was mapped
    same_header,       // it has no build-id; its first page is the one that was mapped, byte for byte
    same_contents,     // neither; but what is in the dump of its read-only parts is what is in the file, byte for byte
    in_dump,           // the whole image is in the dump (vDSO)
    other_build_id,    // a file of that name is another build, and is not used
    other_header,
    unproven,          // the dump holds nothing to compare with, and the file is not used
    not_found,
};

[[nodiscard]] std::string_view to_string(FileState state);
[[nodiscard]] inline bool is_usable(FileState state) { return state <= FileState::in_dump; }

class Module {
public:
    std::string path;
    std::uint64_t start = 0;           // of its first mapping
    std::uint64_t end = 0;             // of its last
    std::uint64_t bias = 0;            // address in memory minus address in the file
    std::string build_id;              // that of the dump, hexadecimal; empty: none, or not dumped
    std::string file_build_id;         // that of the file that was found
    std::string opened;                // its path; empty: none
    FileState state = FileState::not_found;
    bool is_program = false;           // not a library
    std::optional<elf::Image> image;   // only of a usable file

    [[nodiscard]] std::string_view name() const;   // last component of the path
    [[nodiscard]] bool holds(std::uint64_t address) const { return address >= start && address < end; }

    // Read when first asked for; not for two threads at once.
    [[nodiscard]] const std::vector<elf::Section>& sections() const;
    // Call frame information that covers an address of the file. `files` may be null: separate debug files are not looked for then.
    struct Unwinding {
        const dwarf::CallFrames* frames = nullptr;
        dwarf::FrameEntry entry;
    };
    [[nodiscard]] std::optional<Unwinding> unwinding_at(std::uint64_t file_address, debuginfo::FileFinder* files) const;
    // The separate debug file with the same build-id, or null.
    [[nodiscard]] const elf::Image* debug_image(debuginfo::FileFinder* files) const;
    // The file with this module's debug information: itself or the separate one. Nothing when there is none.
    [[nodiscard]] std::optional<debuginfo::DebugFile> debug_file(debuginfo::FileFinder* files) const;

private:
    struct Cache;
    mutable std::shared_ptr<Cache> cache_;
    [[nodiscard]] Cache& cache() const;
};

struct ModuleOptions {
    std::string program;               // a file to take for the program (--exe)
};

// By address. Those whose file is usable back `memory`, which keeps referring to them.
[[nodiscard]] std::vector<Module> find_modules(const elf::Image& core, const CoreNotes& notes, Memory& memory, Files* files,
                                               const ModuleOptions& options);

}  // namespace abiscope::core
