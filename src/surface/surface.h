// What a program shows to others: the symbols that can be linked against, and the types and signatures behind them as its debug
// information records them. Self-contained data: what `diff` compares, and what a baseline keeps (baseline.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/call.h"
#include "abi/type.h"
#include "inspect/card.h"

namespace abiscope::surface {

enum class SymbolKind : std::uint8_t { function, indirect_function, object, thread_local_, other };
enum class Binding : std::uint8_t { global, weak, unique };
enum class Visibility : std::uint8_t { default_, protected_ };

struct Symbol {
    std::string name;                       // as linkers write it; empty: a PE export by ordinal alone
    std::string version;                    // GLIBC_2.34; empty: none
    bool default_version = true;            // name@@version: what a link editor takes today
    SymbolKind kind = SymbolKind::other;
    Binding binding = Binding::global;
    Visibility visibility = Visibility::default_;
    std::uint64_t size = 0;                 // bytes; 0: not recorded
    std::optional<std::uint32_t> ordinal;   // PE
    std::string forwarder;                  // PE: OTHER.Name

    bool described = false;                 // debug information says what it is
    abi::TypeId type = abi::TypeId::none;   // of a variable, or the function's
    std::optional<std::uint32_t> function;  // index into Surface::functions
    std::string switches;                   // of a function's unit: those that change calls or layouts, "-mregparm=2 -mlong-double-128"
    std::string call_unknown;               // why no call of it can be placed; empty: it can
};

// Why a part of the surface is not known, in words for people; empty where it is known.
struct Missing {
    std::string types;                      // no debug information, or none that can be read
    std::string calls;                      // no ABI profile of the machine, or a language whose calls are not read
    std::vector<std::string> damaged;       // of the debug information, one line each
};

struct Surface {
    inspect::Subject subject;
    std::string compared;                   // which names the symbols are: "dynamic symbols", "exports"
    std::string soname;                     // DT_SONAME, LC_ID_DYLIB, the DLL's own name; empty: none
    std::vector<std::string> needed;        // libraries, in the order of loading
    std::vector<std::string> undefined;     // what it takes from elsewhere and cannot do without: name, name@version; sorted
    std::vector<std::string> versions;      // defined version nodes, without the base; sorted
    std::string variant;                    // of its machine's ABI, where e_flags say one and no profile does: "lp64f"; empty: none
    std::string profile;                    // sysv-amd64/gcc-12; empty: none
    std::vector<Symbol> symbols;            // by name, then version
    std::vector<abi::Signature> functions;  // without names: those are the symbols'
    bool alignments = false;                // alignments that the source asks for are recorded, everywhere (DWARF 5)
    abi::TypeTable types;                   // all that the symbols lead to; none is left half read
    Missing missing;
};

}  // namespace abiscope::surface
