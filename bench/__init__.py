"""`make bench`: what the product's main pages cost, beside a bare project that does the least such pages can do."""
