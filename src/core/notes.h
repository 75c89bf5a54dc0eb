// What the notes of a core dump record: the signal, the threads, the files that were mapped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/registers.h"
#include "elf/image.h"

namespace abiscope::core {

// Where something lies in the core file, for facts.
struct NotePlace {
    std::uint32_t type = 0;            // NT_*; 0: not from a note
    std::uint64_t offset = 0;          // of the descriptor, on disk
};

// Where the code and address of a fault are from when no record holds them: they are what the instruction must have met.
enum class Inferred : std::uint8_t {
    no,
    without_note,      // the dump has no NT_SIGINFO
    sent_again,        // a handler sent the signal again: the record is that of the second
    not_delivered,     // the kernel could not push the handler's frame, and sent SIGSEGV with SI_KERNEL in place of the first
};

struct SignalInfo {
    std::int32_t number = 0;
    std::int32_t code = 0;
    std::int32_t error = 0;            // si_errno
    std::optional<std::uint64_t> address;      // si_addr of a fault
    std::optional<std::int32_t> sender_pid;    // of a signal that was sent
    std::optional<std::uint32_t> sender_uid;
    std::optional<std::int32_t> system_call;   // SIGSYS
    std::optional<std::uint32_t> system_call_arch;
    std::optional<std::uint32_t> protection_key;
    bool complete = false;             // false: only number and code, out of NT_PRSTATUS
    Inferred inferred = Inferred::no;
    NotePlace place;
};

// `bytes` is a siginfo_t of the machine (128 bytes in notes and signal frames).
[[nodiscard]] std::optional<SignalInfo> read_siginfo(View bytes, bool wide, Endian order);

struct ThreadStatus {
    std::uint32_t id = 0;
    std::int32_t signal = 0;           // pr_cursig
    Registers registers;
    std::uint64_t registers_offset = 0;   // on disk
    View extended;                     // NT_X86_XSTATE
    NotePlace place;
};

struct ProcessInfo {
    std::uint32_t pid = 0;
    std::uint32_t parent = 0;
    std::uint32_t uid = 0;
    std::string name;                  // at most 15 characters
    std::string arguments;             // at most 79 characters
};

struct AuxiliaryValue {
    std::uint64_t type = 0;
    std::uint64_t value = 0;
};

struct MappedFile {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint64_t file_offset = 0;     // bytes
    std::string path;
};

struct CoreNotes {
    std::optional<ProcessInfo> process;
    std::optional<SignalInfo> signal;
    std::vector<ThreadStatus> threads;     // the first is the one that crashed
    std::vector<AuxiliaryValue> auxiliary;
    std::vector<MappedFile> files;         // by address
    bool files_inferred = false;           // there is no NT_FILE note, and `files` is what infer_files() found
    std::vector<std::string> damage;       // what could not be read, and why

    [[nodiscard]] std::optional<std::uint64_t> auxiliary_value(std::uint64_t type) const;
};

// `layout` may be null: then no thread has registers.
[[nodiscard]] CoreNotes read_core_notes(const elf::Image& image, const MachineLayout* layout);

}  // namespace abiscope::core
