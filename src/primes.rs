//! Which numbers are primes.

pub fn is_prime(number: usize) -> bool {
    number > 1 && (2..).take_while(|factor| factor * factor <= number).all(|factor| !number.is_multiple_of(factor))
}
