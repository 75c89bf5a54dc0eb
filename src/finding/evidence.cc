#include "finding/evidence.h"

#include <utility>

namespace abiscope::finding {

Evidence Evidence::value(std::string path, std::uint64_t offset, std::uint64_t size, std::string reading) {
    Evidence evidence;
    evidence.kind = EvidenceKind::value;
    evidence.path = std::move(path);
    evidence.offset = offset;
    evidence.size = size;
    evidence.reading = std::move(reading);
    return evidence;
}

Evidence Evidence::bytes(std::string path, std::uint64_t offset, std::uint64_t size, std::string reading) {
    Evidence evidence = value(std::move(path), offset, size, std::move(reading));
    evidence.kind = EvidenceKind::bytes;
    return evidence;
}

Evidence Evidence::absence(std::string path, std::string searched) {
    Evidence evidence;
    evidence.kind = EvidenceKind::absence;
    evidence.path = std::move(path);
    evidence.reading = std::move(searched);
    return evidence;
}

Evidence Evidence::environment(std::string what, std::string reading) {
    Evidence evidence;
    evidence.kind = EvidenceKind::environment;
    evidence.path = std::move(what);
    evidence.reading = std::move(reading);
    return evidence;
}

Evidence Evidence::derived(std::string path, std::string reading) {
    Evidence evidence;
    evidence.kind = EvidenceKind::derived;
    evidence.path = std::move(path);
    evidence.reading = std::move(reading);
    return evidence;
}

std::string_view to_string(EvidenceRole role) {
    switch (role) {
        case EvidenceRole::shows: return "shows";
        case EvidenceRole::supports: return "supports";
        case EvidenceRole::contradicts: return "contradicts";
    }
    return "shows";
}

std::string_view to_string(EvidenceKind kind) {
    switch (kind) {
        case EvidenceKind::bytes: return "bytes";
        case EvidenceKind::value: return "value";
        case EvidenceKind::absence: return "absence";
        case EvidenceKind::environment: return "environment";
        case EvidenceKind::derived: return "derived";
    }
    return "value";
}

}  // namespace abiscope::finding
