// The identity card of one file: what it is, where it starts, what it needs, how it was built and hardened. Facts in neutral terms, filled
// by one file per format; what a format does not have stays empty ("not applicable"), which is not the same as "none".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "golang/buildinfo.h"
#include "object/detect.h"

namespace abiscope::inspect {

struct Subject {
    std::string path;
    std::string format;            // ELF, PE, Mach-O, script...
    std::string arch;              // amd64, arm64... empty when the format has none
    int bits = 0;
    std::string endian;            // little, big
    std::string kind;              // program, static program, static-pie program, shared library, object, core dump...
    std::string build_id;          // hexadecimal; GNU build-id, PDB GUID and age, Mach-O UUID
    std::string sha256;            // only when asked for
    std::uint64_t size = 0;        // bytes on disk
};

// A named fact with the place it was read from.
struct Fact {
    std::string key;               // stable: os_abi, e_type, subsystem
    std::string label;             // for people
    std::string value;
    std::optional<std::uint64_t> file_offset;
};

struct Instruction {
    std::uint64_t address = 0;
    std::uint64_t file_offset = 0;
    std::string bytes;             // hexadecimal
    std::string text;
};

struct Entry {
    std::uint64_t address = 0;                 // virtual address as linked
    std::optional<std::uint64_t> rva;          // address less the image base
    std::optional<std::uint64_t> file_offset;
    std::string section;
    std::string segment;
    std::string permissions;                   // r-x
    std::string symbol;                        // the function that holds it, or the nearest before it
    std::uint64_t symbol_offset = 0;           // bytes from that symbol
    bool symbol_covers = false;                // its size says that it holds the entry, or it starts right there
    std::vector<Instruction> instructions;
};

enum class LinkageKind : std::uint8_t { not_applicable, static_, static_pie, dynamic, shared_library, relocatable };

struct Linkage {
    LinkageKind kind = LinkageKind::not_applicable;
    std::vector<std::string> because;          // the facts the kind was decided from
    std::optional<std::string> interpreter;
    std::optional<std::string> soname;
    std::vector<std::string> needed;
    std::vector<std::string> rpath;
    std::vector<std::string> runpath;
    std::vector<std::string> flags;            // NOW, NODEFLIB, PIE...
};

struct VersionRequirement {
    std::string library;
    std::string version;
    bool weak = false;
    std::vector<std::string> symbols;          // that ask for it; empty when the version is asked for by no symbol
    std::uint64_t file_offset = 0;
};

// One instruction-set feature that the executable code contains beyond its architecture's first level.
struct IsaUse {
    std::string feature;                       // avx2
    std::string level;                         // x86-64-v3; empty when it belongs to no level
    std::uint64_t count = 0;                   // instructions
    std::string instruction;                   // text of the first one
    std::uint64_t address = 0;
    std::uint64_t file_offset = 0;
    std::string function;                      // that holds it; empty when there are no symbols
    std::string guard;                         // what is known of a CPU check before it
    bool certain = true;                       // false when the bytes may be data
};

struct IsaSweep {
    std::string level;                         // the highest level used
    std::vector<IsaUse> uses;
    std::uint64_t bytes = 0;                   // swept
};

struct IsaRequirement {
    std::string declared;                      // by notes: x86-64-v2; empty when nothing is declared
    std::optional<IsaSweep> sweep;             // nothing when it was not done
};

enum class HardeningState : std::uint8_t { yes, no, partial, not_applicable, unknown };

struct Hardening {
    std::string key;                           // pie, relro, nx, canary, fortify, cet, bti, aslr, dep, cfg, signature
    std::string label;
    HardeningState state = HardeningState::unknown;
    std::string value;                         // "full", "12 of 14 calls"
    std::string because;
};

struct Producer {
    std::string tool;                          // "GCC: (Debian 12.2.0-14) 12.2.0"
    std::string source;                        // .comment, .note.go.buildid, Rich header
};

// One row of the table of segments against sections.
struct LayoutRow {
    std::string segment;                       // LOAD, DYNAMIC; __TEXT
    std::string permissions;
    std::uint64_t address = 0;
    std::uint64_t file_offset = 0;
    std::uint64_t file_size = 0;               // bytes
    std::uint64_t memory_size = 0;             // bytes
    std::uint64_t alignment = 0;
    std::vector<std::string> sections;
};

struct Card {
    Subject subject;
    std::string description;                   // one sentence
    std::vector<Fact> identity;
    std::optional<Entry> entry;
    Linkage linkage;
    std::vector<VersionRequirement> versions;
    IsaRequirement isa;
    std::string libc_min;                      // lowest glibc that defines every version asked for: "glibc 2.34"
    std::vector<std::string> libc_because;     // the symbols that ask for that version
    std::string os_min;                        // lowest OS release by the headers: "Linux 3.2.0", "macOS 11.0", "Windows 6.1"
    std::vector<Hardening> hardening;
    std::vector<Producer> producers;
    std::optional<golang::BuildInfo> go;
    std::vector<LayoutRow> layout;
    std::vector<Card> parts;                   // slices of a fat file, members of an archive
};

[[nodiscard]] std::string_view to_string(LinkageKind kind);
[[nodiscard]] std::string_view to_string(HardeningState state);

// "1 member", "3 members"
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

// "r-x"
[[nodiscard]] std::string permissions(bool read, bool write, bool execute);

}  // namespace abiscope::inspect
