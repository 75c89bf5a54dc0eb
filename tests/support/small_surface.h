// Surfaces made by hand: a library of C on x86-64 with what a test adds to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "surface/surface.h"

namespace abiscope::test {

class SmallSurface {
public:
    SmallSurface() {
        surface.subject.path = "libsmall.so";
        surface.subject.format = "ELF";
        surface.subject.arch = "amd64";
        surface.subject.bits = 64;
        surface.subject.endian = "little";
        surface.subject.kind = "shared library";
        surface.compared = "dynamic symbols";
        surface.soname = "libsmall.so.1";
        surface.profile = "sysv-amd64/gcc-12";
        surface.alignments = true;
    }

    abi::TypeId scalar(abi::Scalar which, std::uint64_t bytes) {
        abi::Type type{.kind = abi::Kind::scalar, .scalar = which, .name = "scalar"};
        type.observed.size = bytes;
        return surface.types.add(type);
    }
    abi::TypeId integer() { return scalar(abi::Scalar::int_, 4); }
    abi::TypeId pointer_to(abi::TypeId target) {
        abi::Type type{.kind = abi::Kind::pointer, .target = target};
        type.observed.size = 8;
        return surface.types.add(type);
    }

    struct Member {
        std::string name;
        abi::TypeId type;
        std::uint64_t byte = 0;
        std::uint64_t size = 4;
    };
    abi::TypeId record(std::string name, std::uint64_t bytes, const std::vector<Member>& members, std::string file = "small.h") {
        abi::Type type{.kind = abi::Kind::record, .name = std::move(name)};
        type.observed.size = bytes;
        type.declared.file = std::move(file);
        abi::Record record;
        for (const Member& member : members) {
            abi::Field field;
            field.name = member.name;
            field.type = member.type;
            field.observed.bit_offset = member.byte * 8;
            field.observed.size = member.size;
            record.fields.push_back(std::move(field));
        }
        return surface.types.add(type, record);
    }
    abi::TypeId declared(std::string name) {
        abi::Record record;
        record.complete = false;
        return surface.types.add(abi::Type{.kind = abi::Kind::record, .name = std::move(name)}, record);
    }
    abi::TypeId enumeration(std::string name, std::vector<abi::Enumerator> enumerators) {
        abi::Type type{.kind = abi::Kind::enumeration, .name = std::move(name)};
        type.observed.size = 4;
        abi::Enumeration enumeration;
        enumeration.enumerators = std::move(enumerators);
        return surface.types.add(type, enumeration);
    }

    SmallSurface& function(std::string name, const std::vector<abi::TypeId>& parameters, std::optional<abi::TypeId> result = {}) {
        abi::Signature signature{.name = name};
        for (abi::TypeId type : parameters) signature.parameters.push_back({{}, type});
        if (result) signature.results.push_back({{}, *result});
        surface::Symbol symbol{.name = std::move(name), .version = {}, .kind = surface::SymbolKind::function, .forwarder = {}};
        symbol.described = true;
        symbol.function = static_cast<std::uint32_t>(surface.functions.size());
        surface.functions.push_back(std::move(signature));
        surface.symbols.push_back(std::move(symbol));
        return *this;
    }
    SmallSurface& symbol(std::string name, std::string version = {}, surface::SymbolKind kind = surface::SymbolKind::function) {
        surface::Symbol symbol{.name = std::move(name), .version = std::move(version), .kind = kind, .forwarder = {}};
        symbol.size = 8;
        surface.symbols.push_back(std::move(symbol));
        return *this;
    }

    surface::Surface surface;
};

}  // namespace abiscope::test
